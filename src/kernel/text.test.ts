import { expect, test } from 'vitest';
import { holdsNul, line, prose } from './text.ts';

const ok = (schema: ReturnType<typeof line>, text: unknown): boolean => schema.safeParse(text).success;

test('a line is trimmed, not empty and bounded', () => {
  expect(line(5).parse('  abc ')).toBe('abc');
  expect(ok(line(5), '   ')).toBe(false);
  expect(ok(line(5), 'abcdef')).toBe(false);
  expect(ok(line(5), 7)).toBe(false);
});

test.each([
  ['a NUL', 'a\0b'],
  ['a line break', 'a\nb'],
  ['an escape', 'a\u001bb'],
  ['a right-to-left override', 'a\u202eb'],
  ['an isolate', 'a\u2066b'],
  ['a line separator', 'a\u2028b'],
])('a line holds no %s', (_name, text) => {
  expect(ok(line(80), text)).toBe(false);
});

test.each(['Ольга', 'مرحبا', 'Ζωή', '日本語', 'naïve 🙂'])('ordinary text of any script is accepted: %s', (text) => {
  expect(line(80).parse(text)).toBe(text);
});

test('prose may have lines and tabs, and nothing else that hides', () => {
  expect(prose(80).parse('a\n\tb')).toBe('a\n\tb');
  expect(prose(80).parse('')).toBe('');
  expect(ok(prose(80), 'a\rb')).toBe(false);
  expect(ok(prose(80), 'a\u202eb')).toBe(false);
});

test('U+0000 is found at any depth, in keys too, and its escape as text is not it', () => {
  expect(holdsNul({ a: [{ b: 'x\0' }] })).toBe(true);
  expect(holdsNul({ 'k\0': 1 })).toBe(true);
  expect(holdsNul({ pattern: '^[^\\u0000]*$' })).toBe(false);
});
