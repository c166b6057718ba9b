import { domainToUnicode } from 'node:url';
import { expect, test } from 'vitest';
import { decodeLabel } from './punycode.ts';

test.each([
  'xn--80ak6aa92e',
  'xn--mnchen-3ya',
  'xn--fiqs8s',
  'xn--hxajbheg2az3al',
  'xn--n3h',
  'xn--wgbh1c',
  'xn--zckzah',
  'xn--bcher-kva',
])('%s stands for what Node says', (label) => {
  expect(decodeLabel(label)).toBe(domainToUnicode(label));
});

test('what is no label stands for nothing', () => {
  for (const label of ['example', 'xn--', 'xn--\u0430', 'xn--99999999', `xn--${'a'.repeat(100)}`, 'xn--a!b'])
    expect(decodeLabel(label)).toBe(null);
});

test('an upper-case label is the same', () => {
  expect(decodeLabel('XN--MNCHEN-3YA')).toBe('M\u00fcNCHEN');
});
