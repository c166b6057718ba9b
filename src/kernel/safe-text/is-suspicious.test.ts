import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countSuspicious } from './inspect.ts';
import { isSuspicious } from './is-suspicious.ts';
import { PARAGRAPHS } from './languages.ts';

const counted = (value: unknown): boolean => {
  const { hidden, lookAlikes, blanks } = countSuspicious(value);
  return hidden + lookAlikes + blanks > 0;
};

test('says of ordinary writing what the count says: nothing', () => {
  for (const text of Object.values(PARAGRAPHS)) expect([text, isSuspicious({ text })]).toEqual([text, false]);
});

test('says of anything what the count says', () => {
  const word = fc.oneof(
    fc.constantFrom(...'aеoο\u202e\u200b\u200d\r\n\t .@/-xn'),
    fc.constantFrom(
      'pаypal',
      'xn--80ak6aa92e.com',
      'a@b.c',
      '\r\n',
      '🏴',
      'é',
      'ﬀ',
      'א',
      'שלום',
      ' '.repeat(45),
      '\n'.repeat(11),
      '\0',
      '\u00a0',
    ),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  );
  const text = fc.array(word, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (key, value) => {
      const payload = { [key]: [value, 1, null] };
      expect(isSuspicious(payload)).toBe(counted(payload));
    }),
    { numRuns: 2_000 },
  );
});

test('is not drawn out by a megabyte, and not got around by one', () => {
  const length = 500_000;
  expect(isSuspicious({ text: 'word and more '.repeat(length / 14) })).toBe(false);
  expect(isSuspicious({ text: 'привет мир '.repeat(length / 11) })).toBe(false);
  expect(isSuspicious({ text: `${'привет мир '.repeat(length / 11)}pаypal` })).toBe(true);
  expect(isSuspicious({ text: 'a\u202e'.repeat(length) })).toBe(true);
  expect(isSuspicious({ text: `${'x'.repeat(length)}\u200b` })).toBe(true);
});
