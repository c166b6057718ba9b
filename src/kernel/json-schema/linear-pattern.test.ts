import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { compilePattern } from './linear-pattern.ts';

const matches = (source: string, text: string): boolean => {
  const compiled = compilePattern(source);
  if (!compiled.ok) throw new Error(compiled.reason);
  return compiled.pattern.test(text);
};

test.each([
  ['b', 'abc', true],
  ['^b', 'abc', false],
  ['^a.c$', 'a😀c', true],
  ['^\\u0041\\/[\\u4e00-\\u9fa5]$', 'A/中', true],
  ['^\\p{L}+$', 'Ünïcode', true],
  ['^(?<year>\\d{4})$', '2026', true],
  ['^a$', 'a\n', false],
  ['^[\\w.-]+@[\\w.-]+\\.[a-z]{2,}$', 'bob@example.com', true],
])('%s on %j: %s', (source, text, expected) => {
  expect(matches(source, text)).toBe(expected);
  expect(new RegExp(source, 'u').test(text)).toBe(expected);
});

test('a reason names the part RE2 cannot take', () => {
  expect(compilePattern('(?=x)y')).toMatchObject({ ok: false, reason: expect.stringContaining('(?=') });
});

test('the library still takes the memory bound that is set on it', () => {
  // The bound is a field of the library's automaton; a version that renames it must fail here and not in memory.
  const { dfa } = RE2JS.compile('x').re2();
  expect([dfa.stateBudget, dfa.memBudget]).toEqual([8_388_608, 8_388_608]);
});
