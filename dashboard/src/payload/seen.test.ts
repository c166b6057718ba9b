import { expect, test } from 'vitest';
import { firstUnseen, type Seen, shareOf, withPart } from './seen.ts';

const after = (...parts: (readonly [number, number])[]): Seen =>
  parts.reduce<Seen>((seen, [from, to]) => withPart(seen, from, to, 0.001), []);

test('what was scrolled over is seen as a whole', () => {
  const seen = after([0, 0.4], [0.3, 0.7], [0.7, 1]);
  expect(seen).toEqual([[0, 1]]);
  expect(firstUnseen(seen, 0.001)).toBe(null);
  expect(shareOf(seen)).toBe(1);
});

test('what was jumped over is not seen', () => {
  const seen = after([0, 0.1], [0.9, 1]);
  expect(firstUnseen(seen, 0.001)).toBe(0.1);
  expect(shareOf(seen)).toBeCloseTo(0.2);
  expect(firstUnseen(after([0, 0.1], [0.9, 1], [0.1, 0.9]), 0.001)).toBe(null);
});

test('nothing seen begins at the beginning, and so does what begins later', () => {
  expect(firstUnseen([], 0.001)).toBe(0);
  expect(firstUnseen(after([0.5, 1]), 0.001)).toBe(0);
  expect(after([0.5, 0.5])).toEqual([]);
});
