import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conformance } from '../../../test/cel/conformance.ts';
import { BUFBUILD, MARCBACHMANN } from '../../../test/cel/engines.ts';

const page = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8');
const row = page.split('\n').find((line) => line.includes('published cases'))!;
const [ours, other] = row.split('|').slice(2, 4).map((cell) => cell.trim());

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
