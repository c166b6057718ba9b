import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { readSessionToken, sessionCookieName } from './session-cookie.ts';

const secret = 'a secret of more than thirty-two characters';
const token = 'abcdefghijklmnopqrstuvwxyzABCDEF';
const name = sessionCookieName('countersign', false);
const sign = (text: string, key = secret): string => createHmac('sha256', key).update(text).digest('base64');
const cookie = (value: string): string => `${name}=${encodeURIComponent(value)}`;

test('a signed cookie gives its token, wherever it stands among others', () => {
  const header = `theme=dark; ${cookie(`${token}.${sign(token)}`)}; other=1`;
  expect(readSessionToken(header, name, secret)).toBe(token);
});

test.each([
  ['no header', null],
  ['no such cookie', 'theme=dark'],
  ['an empty value', `${name}=`],
  ['no signature', cookie(token)],
  ["another key's signature", cookie(`${token}.${sign(token, `${secret}!`)}`)],
  ["another token's signature", cookie(`${token}.${sign(token.toLowerCase())}`)],
  ['a cut signature', cookie(`${token}.${sign(token).slice(1)}`)],
  ['a signature of other characters', cookie(`${token}.${'é'.repeat(44)}`)],
  ['a token of another shape', cookie(`${token}x.${sign(`${token}x`)}`)],
  ['SQL', cookie(`' or 1=1--.${sign("' or 1=1--")}`)],
  ['broken percent-encoding', `${name}=%zz.${sign(token)}`],
  ['a name that only ends alike', `x${cookie(`${token}.${sign(token)}`)}`],
])('%s gives none', (_name, header) => {
  expect(readSessionToken(header, name, secret)).toBeNull();
});

test('over TLS the cookie carries the prefix that browsers enforce', () => {
  expect(sessionCookieName('countersign', true)).toBe('__Secure-countersign.session_token');
});
