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
  ['^.$', '\n', false],
  ['^.$', '\r', false],
  ['^.$', '\u2028', false],
  ['^.$', '\u0085', true],
  ['^\\s$', '\u00a0', true],
  ['^\\s$', '\ufeff', true],
  ['^\\s$', '\u0085', false],
  ['^[^\\S]$', '\u3000', true],
  ['^\\w$', 'é', false],
  ['^\\d$', '٣', false],
  ['\\bé', 'é', false],
  ['^\\p{Letter}\\p{gc=Decimal_Number}\\P{Lu}$', 'é٣x', true],
  ['^[\\p{Script=Cyrl}\\p{sc=Greek}]+$', 'жω', true],
  ['^[^]$', '\n', true],
  ['[]', 'a', false],
  ['^[\\b]\\cA\\0\\x41$', '\b\u0001\0A', true],
  ['^\\ud83d\\ude00$', '😀', true],
])('%s on %j: %s', (source, text, expected) => {
  expect(matches(source, text)).toBe(expected);
  expect(new RegExp(source, 'u').test(text)).toBe(expected);
});

test.each([
  ['^\\d{3}\\-\\d{4}\\@$', '123-4567@'],
  ['^[\\w-.]+$', 'a-b.c'],
  ['^{[a-z]}]$', '{a}]'],
])('%s, which is only allowed without the flag "u", is taken as it reads: %s', (source, text) => {
  expect(() => new RegExp(source, 'u')).toThrow(SyntaxError);
  expect(matches(source, text)).toBe(true);
});

test.each([
  ['(a)\\k<n>', 'ECMA-262'],
  ['\\k', 'ECMA-262'],
  ['\\a', 'ECMA-262'],
  ['\\p{Lettre}', 'ECMA-262'],
  ['\\u{110000}', 'ECMA-262'],
  ['\\8', 'ECMA-262'],
  ['\\01', 'ECMA-262'],
  ['😀\\-', 'ECMA-262'],
  ['(?i)a', 'ECMA-262'],
  ['\\Ab\\z', 'ECMA-262'],
  ['[[:alpha:]]\\Q', 'ECMA-262'],
  ['(?P<n>a)', 'ECMA-262'],
  ['(?i:a)', 'flags inside a pattern are not supported: (?i:'],
  ['(?<n>a)\\k<n>', 'backreferences cannot be matched in linear time: \\k<n>'],
  ['(?=x)y', 'lookahead and lookbehind cannot be matched in linear time: (?=x'],
  ['\\p{Emoji}', 'only general categories and scripts of Unicode are supported: \\p{Emoji}'],
  ['a{1001}', 'not a pattern RE2 can match in linear time'],
])('%s is refused: %s', (source, reason) => {
  expect(compilePattern(source)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

/** Every character of the first two planes, and some of the others; tested alone, and so never halves of a pair. */
const CHARACTERS = Array.from({ length: 0x20000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .concat('\u{20000}', '\u{e0001}', '\u{10ffff}');

test.each([
  ...['.', '\\s', '\\S', '\\w', '\\W', '\\d', '\\D', '[\\S]', '[^\\S]', '[\\W\\d]', '[^\\D5]', '[^]'],
  ...[
    '\\p{Any}',
    '\\P{ASCII}',
    '\\p{Assigned}',
    '\\p{Alphabetic}',
    '\\p{Cased_Letter}',
    '\\p{Other}',
    '[^\\P{sc=Latin}]',
  ],
  ...['\\p{Letter}', '\\p{Mark}', '\\p{Number}', '\\p{punct}', '\\p{Symbol}', '\\p{Separator}', '\\P{gc=Lu}'],
  ...['\\p{sc=Zyyy}', '\\p{Script=Inherited}', '\\p{sc=Arab}', '\\p{sc=Hani}', '\\p{Script=Kirat_Rai}'],
])('%s takes the characters that ECMAScript takes', (source) => {
  const pattern = compilePattern(`^(?:${source})$`);
  if (!pattern.ok) throw new Error(pattern.reason);
  const native = new RegExp(`^(?:${source})$`, 'u');
  const different = CHARACTERS.filter((text) => pattern.pattern.test(text) !== native.test(text));
  expect(different).toEqual([]);
});

const atom = fc.constantFrom(
  ...['a', 'Z', '7', '-', '_', ' ', '[a-c]', '[^a-c]', '[A-Z0-9_-]', '[.@]', '.', '\\w', '\\S', '[\\s-]', '[^\\d😀]'],
  ...[
    '\\b',
    '\\B',
    '\\p{L}',
    '(a|)',
    '(?:b|7)',
    '(?<n>a)?',
    '[]',
    '[^]',
    '\\.',
    '\\-',
    '\\u{61}',
    '😀',
    '[x',
    '(',
    '{',
  ],
  ...['(?:a?)*', '(?:|b)+', '(?:\\b|a)*', '(?:^|-)', '(?:$|_)'],
);
const quantifier = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}', '*?', '{0}');
const patterns = fc
  .tuple(
    fc.constantFrom('^', '^', ''),
    fc.array(fc.tuple(atom, quantifier), { maxLength: 5 }),
    fc.constantFrom('$', '$', '', '|b$'),
  )
  .map(([start, atoms, end]) => `${start}${atoms.flat().join('')}${end}`);
const texts = fc.array(
  fc.constantFrom(
    'a',
    'b',
    'c',
    'Z',
    '7',
    '-',
    '_',
    ' ',
    '.',
    '@',
    '😀',
    '\n',
    'é',
    '\r',
    '\u2028',
    '\u00a0',
    '\ufeff',
  ),
  { maxLength: 8 },
);

test('a pattern says what ECMAScript says of every text', () => {
  fc.assert(
    fc.property(patterns, fc.array(texts, { minLength: 5, maxLength: 20 }), (source, candidates) => {
      let native: RegExp;
      try {
        native = new RegExp(source, 'u');
      } catch {
        return;
      }
      const compiled = compilePattern(source);
      expect([source, compiled]).toMatchObject([source, { ok: true }]);
      for (const letters of candidates) {
        const text = letters.join('');
        expect([source, text, compiled.ok && compiled.pattern.test(text)]).toEqual([source, text, native.test(text)]);
      }
    }),
    { numRuns: 3_000 },
  );
});

test.each([`^${'[a-z]'.repeat(900)}(x)`, `^${'a'.repeat(900)}+${'a'.repeat(900)}(x)`, `^[${'a-z'.repeat(900)}](x)`])(
  'whether a pattern is plain takes linear time to say: %#',
  (source) => {
    for (let round = 0; round < 50; round++) expect(compilePattern(source).ok).toBe(true);
  },
);

test('the library still takes the memory bound that is set on it', () => {
  // The bound is a field of the library's automaton; a version that renames it must fail here and not in memory.
  const { dfa } = RE2JS.compile('x').re2();
  expect([dfa.stateBudget, dfa.memBudget]).toEqual([8_388_608, 8_388_608]);
});
