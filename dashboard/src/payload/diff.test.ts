import { expect, test } from 'vitest';
import { aroundChanges, diffJson } from './diff.ts';

const text = (before: unknown, after: unknown): string[] =>
  diffJson(before, after).map(({ kind, text }) => `${{ same: ' ', before: '-', after: '+' }[kind]}${text}`);

test('says what was and what is, whatever the order of members', () => {
  expect(text({ b: 1, a: 'x' }, { a: 'y', b: 1 })).toEqual([' {', '-  "a": "x",', '+  "a": "y",', '   "b": 1', ' }']);
  expect(text({ a: 1, b: 2 }, { b: 2, a: 1 }).every((line) => line.startsWith(' '))).toBe(true);
  expect(text(null, [1])).toEqual(['-null', '+[', '+  1', '+]']);
});

test('what is far from a change is left out', () => {
  const before = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`k${at + 10}`, at]));
  const kept = aroundChanges(diffJson(before, { ...before, k20: 'changed' }));
  expect(kept.filter((line) => line === null)).toHaveLength(2);
  expect(kept.filter((line) => line?.kind === 'same')).toHaveLength(4);
});
