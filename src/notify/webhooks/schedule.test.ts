import { expect, test } from 'vitest';
import { nextAttemptAt } from './schedule.ts';

const at = new Date('2026-11-28T08:00:00Z');
const secondsAfter = (attempts: number, chance: number): number | null => {
  const next = nextAttemptAt(attempts, at, chance);
  return next && (next.getTime() - at.getTime()) / 1000;
};

test('a delivery is tried ten times in all, further and further apart', () => {
  const waits = Array.from({ length: 10 }, (_, index) => secondsAfter(index + 1, 0.5));
  expect(waits).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, null]);
});

test('the times vary by a tenth', () => {
  expect([secondsAfter(2, 0), secondsAfter(2, 1)]).toEqual([270, 330]);
});
