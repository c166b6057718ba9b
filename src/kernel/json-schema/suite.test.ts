import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileAnySchema } from '../json-schema.ts';
import { parseStrict } from '../strict-json.ts';
import { FORMATS } from './formats/formats.ts';

/** JSON-Schema-Test-Suite, draft 2020-12 (https://github.com/json-schema-org/JSON-Schema-Test-Suite). */
const SUITE = join(import.meta.dirname, '../../../../shared/vectors/json-schema/tests/draft2020-12');

type Case = { readonly description: string; readonly data: unknown; readonly valid: boolean };
type Group = { readonly description: string; readonly schema: unknown; readonly tests: readonly Case[] };
type Counts = { right: number; refused: Map<string, number>; wrong: string[] };

/** The suite takes `format` for a note to the reader, as the draft does unless told; a gate is told. */
const NOT_ASSERTED_BY_DEFAULT = /only an annotation by default/;

function run(files: readonly string[]): Counts {
  const counts: Counts = { right: 0, refused: new Map(), wrong: [] };
  const refuse = (why: string, count: number): void => {
    counts.refused.set(why, (counts.refused.get(why) ?? 0) + count);
  };
  for (const file of files) {
    for (const group of JSON.parse(readFileSync(join(SUITE, file), 'utf8')) as Group[]) {
      const compiled = compileAnySchema(group.schema);
      if (!compiled.ok) {
        refuse(compiled.reason.replace(/:? [(\\].*/, ''), group.tests.length);
        continue;
      }
      for (const { description, data, valid } of group.tests) {
        // What the wire refuses never comes to a schema.
        const payload = parseStrict(JSON.stringify(data));
        if (!payload.ok) refuse(`payload: ${payload.reason}`, 1);
        else if (NOT_ASSERTED_BY_DEFAULT.test(description)) refuse('formats are asserted', 1);
        else if (compiled.validate(payload.value).ok === valid) counts.right++;
        else counts.wrong.push(`${file}: ${group.description}: ${description}`);
      }
    }
  }
  return counts;
}

function report(name: string, { right, refused, wrong }: Counts): void {
  const left = [...refused].sort(([, a], [, b]) => b - a);
  const all = left.reduce((sum, [, count]) => sum + count, right + wrong.length);
  const reasons = left.map(([why, count]) => `  ${count} left out: ${why}`);
  console.log([`${name}: ${right} of ${all} right, ${wrong.length} wrong`, ...reasons].join('\n'));
}

const listed = (folder: string): string[] =>
  readdirSync(join(SUITE, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));

describe.skipIf(!existsSync(SUITE))(
  'the published test suite (skipped where it does not lie beside the project)',
  () => {
    test('no required test gets a wrong verdict', () => {
      const counts = run(listed('.'));
      report('required', counts);
      expect(counts.wrong).toEqual([]);
      expect(counts.right).toBeGreaterThanOrEqual(1_185);
    });

    test('no optional test gets a wrong verdict', () => {
      const counts = run(listed('optional'));
      report('optional', counts);
      expect(counts.wrong).toEqual([]);
    });

    test('every format that is asserted gets every verdict right', () => {
      const counts = run(listed('optional/format'));
      report('formats', counts);
      expect(counts.wrong).toEqual([]);
      expect(counts.right).toBeGreaterThanOrEqual(764);
      expect(FORMATS.size).toBe(19);
    });
  },
);
