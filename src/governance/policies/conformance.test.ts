import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allCases, conformance } from '../../../test/cel/conformance.ts';
import { BUFBUILD, MARCBACHMANN } from '../../../test/cel/engines.ts';
import { compileRules } from './compile.ts';
import { evaluate } from './evaluate.ts';

const page = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8');
const row = page.split('\n').find((line) => line.includes('published cases'))!;
const [ours, other] = row
  .split('|')
  .slice(2, 4)
  .map((cell) => cell.trim());

test.each([
  [MARCBACHMANN, ours],
  [BUFBUILD, other],
])('docs/policies.md says how many of the published cases $name passes', (engine, told) => {
  const { tallies } = conformance(engine);
  const [passed, total] = (['passed', 'total'] as const).map((of) => tallies.reduce((sum, one) => sum + one[of], 0));
  expect(told).toBe(`${passed!.toLocaleString('en-US')} of ${total!.toLocaleString('en-US')}`);
});

test('what the page says of each file of cases is so', () => {
  const { tallies } = conformance(MARCBACHMANN);
  const told = [...page.matchAll(/^\| `([a-z0-9_]+)` \| (\d+) of (\d+) \|/gm)].map(([, section, passed, total]) => ({
    section,
    passed: Number(passed),
    total: Number(total),
  }));
  expect(told).toEqual(tallies);
});

/** What a case comes to as a condition: what the specification says, an error that asks for two people, or refused. */
function asCondition(when: string): 'refused' | 'fault' | boolean {
  const made = compileRules([{ name: 'a', when, policy: 'approve' }], { type: 'object' });
  if (!made.ok) return 'refused';
  const { policy, fault } = evaluate(made.compiled, {
    args: {},
    tool: { name: 'a.b', effect: 'read' },
    principal: { kind: 'client', id: 'icl_1' },
    run: { labels: [] },
    now: new Date(0),
  });
  return fault === undefined ? policy === 'approve' : 'fault';
}

test('of the published cases that a condition can be, none is wrong', () => {
  const said = { refused: 0, strictest: 0, right: 0 };
  const wrong: string[] = [];
  for (const { path, test: one } of allCases()) {
    const { case: kind, value } = one.resultMatcher;
    const result = kind === 'value' ? value.kind : kind === undefined ? { case: 'boolValue', value: true } : undefined;
    const isBool = result?.case === 'boolValue';
    const isError = kind === 'evalError' || kind === 'anyEvalErrors';
    if ((!isBool && !isError) || one.disableMacros || Object.keys(one.bindings).length > 0) continue;
    const answer = asCondition(one.expr);
    if (answer === 'refused') said.refused += 1;
    else if (answer === 'fault') said.strictest += 1;
    else if (isBool && answer === result.value) said.right += 1;
    else wrong.push(`${path}: ${one.expr} is ${answer}`);
  }
  expect(wrong).toEqual([]);
  const told = /(\d+) of them are right, (\d+) ask for two people and (\d+) are refused/
    .exec(page)
    ?.slice(1)
    .map(Number);
  expect(told).toEqual([said.right, said.strictest, said.refused]);
});
