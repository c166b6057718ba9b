import { expect, test } from 'vitest';
import { sha256Hex } from '../../kernel/hash.ts';
import { newToken, parseToken } from './token-format.ts';

test('a new token has the shape that is documented, and only its hash is needed to know it again', () => {
  const { token, prefix, sha256 } = newToken();
  expect(token).toMatch(/^cs_live_[0-9a-z]{8}_[\w-]{43}$/);
  expect(token.startsWith(`cs_live_${prefix}_`)).toBe(true);
  expect(sha256).toBe(sha256Hex(token));
  expect(parseToken(`Bearer ${token}`)).toEqual({ prefix, sha256 });
});

test('tokens do not repeat', () => {
  expect(new Set(Array.from({ length: 1000 }, () => newToken().token)).size).toBe(1000);
});

test('the scheme is read without case', () => {
  const { token, sha256 } = newToken();
  expect(parseToken(`bearer ${token}`)?.sha256).toBe(sha256);
  expect(parseToken(`BEARER  ${token}`)?.sha256).toBe(sha256);
});

const { token } = newToken();
test.each([
  ['no header', null],
  ['undefined', undefined],
  ['an empty header', ''],
  ['no scheme', token],
  ['another scheme', `Basic ${token}`],
  ['two tokens', `Bearer ${token} ${token}`],
  ['another environment', `Bearer ${token.replace('live', 'test')}`],
  ['a short secret', `Bearer ${token.slice(0, -1)}`],
  ['a long secret', `Bearer ${token}a`],
  ['an upper-case prefix', `Bearer cs_live_ABCDEFGH_${'a'.repeat(43)}`],
  ['SQL', "Bearer cs_live_' or 1=1--_x"],
  ['a NUL', `Bearer ${token.slice(0, -1)}\0`],
  ['a line break after it', `Bearer ${token}\n`],
  ['100 kB', `Bearer ${'a'.repeat(100_000)}`],
])('%s is no token', (_name, header) => {
  expect(parseToken(header)).toBeNull();
});
