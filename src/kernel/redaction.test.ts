import { expect, test } from 'vitest';
import { REDACTED, redactSecrets, scrubText } from './redaction.ts';

const TOKEN = 'cs_live_ab12cd34_Zm9vYmFyYmF6cXV4LXNlY3JldA';

test('a token keeps its public prefix and loses its secret', () => {
  expect(scrubText(`call with ${TOKEN}, refused`)).toBe(`call with cs_live_ab12cd34_${REDACTED}, refused`);
});

test.each([
  [`Authorization: Bearer ${TOKEN}`, `Authorization: ${REDACTED}`],
  ['authorization: Basic dXNlcjpwYXNz\nAccept: */*', `authorization: ${REDACTED}\nAccept: */*`],
  ['sent "Authorization":"Digest abc" and more', `sent "Authorization":"${REDACTED}" and more`],
  ['Cookie: sid=1; theme=dark', `Cookie: ${REDACTED}`],
  ['used bearer abcdef.ghi-jkl once', `used bearer ${REDACTED} once`],
  ['POST /login?password=hunter2&next=/', `POST /login?password=${REDACTED}&next=/`],
  ['{"client_secret":"s3cr3t","n":1}', `{"client_secret":"${REDACTED}","n":1}`],
  ['api-key = 12345', `api-key = ${REDACTED}`],
  ['postgres://app:pa55@db:5432/x', `postgres://app:${REDACTED}@db:5432/x`],
])('%j is scrubbed', (text, scrubbed) => {
  expect(scrubText(text)).toBe(scrubbed);
});

test('ordinary text is left alone', () => {
  for (const text of [
    'the token has expired',
    'token_id: tok_01h455vb4pex5vsknk084sn02q',
    'max_tokens: 500',
    'https://example.com:8080/a@b',
    'the basics of authorization',
    'cs_live_short',
  ]) {
    expect(scrubText(text)).toBe(text);
  }
});

test('members whose names say secret are masked, at any depth and in any case', () => {
  const input = {
    password: 'a',
    Client_Secret: 'b',
    'X-API-Key': 'c',
    accessToken: 'd',
    headers: { Authorization: 'Bearer abc', COOKIE: ['sid=1'], accept: '*/*' },
    list: [{ refresh_token: { value: 'e' } }],
  };
  expect(redactSecrets(input)).toEqual({
    password: REDACTED,
    Client_Secret: REDACTED,
    'X-API-Key': REDACTED,
    accessToken: REDACTED,
    headers: { Authorization: REDACTED, COOKIE: REDACTED, accept: '*/*' },
    list: [{ refresh_token: REDACTED }],
  });
  expect(input.password).toBe('a');
});

test('what only speaks about a secret is kept', () => {
  const input = {
    token_id: 'tok_1',
    token_prefix: 'ab12cd34',
    secret_name: 'MAIL',
    max_tokens: 500,
    has_password: true,
  };
  expect(redactSecrets(input)).toEqual(input);
});

test('errors, headers, dates, maps and bytes become plain data', () => {
  const error = new Error(`refused ${TOKEN}`, { cause: { password: 'x' } });
  const redacted = redactSecrets({
    error,
    headers: new Headers({ authorization: 'Bearer x', accept: 'a' }),
    map: new Map<unknown, unknown>([
      ['secret', 'x'],
      [1, 2],
    ]),
    set: new Set(['a']),
    at: new Date(0),
    bytes: new Uint8Array(3),
    big: 1n,
    call: () => 1,
  });
  expect(redacted).toMatchObject({
    error: { name: 'Error', message: `refused cs_live_ab12cd34_${REDACTED}`, cause: { password: REDACTED } },
    headers: { authorization: REDACTED, accept: 'a' },
    map: { secret: REDACTED, 1: 2 },
    set: ['a'],
    at: '1970-01-01T00:00:00.000Z',
    bytes: '[3 bytes]',
    big: '1',
    call: '[function]',
  });
  expect(JSON.stringify(redacted)).not.toContain('Zm9v');
});

test('depth, breadth and length are bounded, and a cycle ends', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  expect(JSON.stringify(redactSecrets(cyclic))).toContain('[deeper]');
  expect(redactSecrets(Array.from({ length: 5_000 }, () => 1))).toHaveLength(1_001);
  expect(
    Object.keys(redactSecrets(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]))) as object),
  ).toHaveLength(1_001);
  expect(scrubText('x'.repeat(1_000_000))).toHaveLength(65_536 + '[cut]'.length);
});

test('a member named __proto__ stays data', () => {
  const redacted = redactSecrets(JSON.parse('{"__proto__":{"password":"x"}}')) as object;
  expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
  expect(JSON.stringify(redacted)).toBe(`{"__proto__":{"password":"${REDACTED}"}}`);
});

test('text that tries to make the patterns backtrack finishes', () => {
  for (const piece of ['a-', 'bearer ', '://a:', 'token', 'authorization ', 'x-api-key="', ' ', 'cs_live_']) {
    expect(scrubText(piece.repeat(40_000)).length).toBeGreaterThan(0);
  }
});
