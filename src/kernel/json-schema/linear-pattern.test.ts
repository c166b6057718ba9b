import fc from 'fast-check';
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

/** Atoms of plain patterns, and what comes right beside them. */
const atom = fc.constantFrom(
  'a',
  'Z',
  '7',
  '-',
  '_',
  ' ',
  '[a-c]',
  '[^a-c]',
  '[A-Z0-9_-]',
  '[.@]',
  '[x',
  '(',
  '.',
  '\\w',
  '[]',
);
const quantifier = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}');
const patterns = fc
  .tuple(
    fc.constantFrom('^', '^', ''),
    fc.array(fc.tuple(atom, quantifier), { maxLength: 5 }),
    fc.constantFrom('$', '$', ''),
  )
  .map(([start, atoms, end]) => `${start}${atoms.flat().join('')}${end}`);
const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'Z', '7', '-', '_', ' ', '.', '@', '😀', '\n', 'é'), {
  maxLength: 8,
});

test('whichever matcher takes a pattern, it says what RE2 says', () => {
  fc.assert(
    fc.property(patterns, fc.array(texts, { minLength: 5, maxLength: 20 }), (source, candidates) => {
      const compiled = compilePattern(source);
      if (!compiled.ok) return;
      const re2 = RE2JS.compile(RE2JS.translateRegExp(source));
      for (const letters of candidates) {
        const text = letters.join('');
        expect([source, text, compiled.pattern.test(text)]).toEqual([source, text, re2.test(text)]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([`^${'[a-z]'.repeat(900)}(x)`, `^${'a'.repeat(900)}+${'a'.repeat(900)}(x)`, `^[${'a-z'.repeat(900)}](x)`])(
  'whether a pattern is plain takes linear time to say: %#',
  (source) => {
    for (let round = 0; round < 50; round++) expect(compilePattern(source).ok).toBe(true);
  },
);

test('a reason names the part RE2 cannot take', () => {
  expect(compilePattern('(?=x)y')).toMatchObject({ ok: false, reason: expect.stringContaining('(?=') });
});

test('the library still takes the memory bound that is set on it', () => {
  // The bound is a field of the library's automaton; a version that renames it must fail here and not in memory.
  const { dfa } = RE2JS.compile('x').re2();
  expect([dfa.stateBudget, dfa.memBudget]).toEqual([8_388_608, 8_388_608]);
});
