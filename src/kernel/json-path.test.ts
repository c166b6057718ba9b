import { expect, test } from 'vitest';
import { formatPath } from './json-path.ts';

test('plain keys are written with dots, others quoted, indices in brackets', () => {
  expect(formatPath([])).toBe('$');
  expect(formatPath(['to', 0, 'a b', 'x1', '1x', ''])).toBe('$.to[0]["a b"].x1["1x"][""]');
  expect(formatPath(['say "hi"', 'back\\slash'])).toBe('$["say \\"hi\\""]["back\\\\slash"]');
});

test('what a terminal or a reader could misread is written as code points', () => {
  expect(formatPath(['a\u202eb', 'line\nbreak', '\ud800'])).toBe('$["a\\u{202e}b"]["line\\u{a}break"]["\\u{d800}"]');
  expect(formatPath(['имя', '金额'])).toBe('$["имя"]["金额"]');
});

test('long keys are cut', () => {
  expect(formatPath(['x'.repeat(100_000)])).toBe(`$["${'x'.repeat(64)}…"]`);
});
