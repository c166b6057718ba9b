import { expect, test } from 'vitest';
import { findCredential } from './credentials.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.sflKxwRJSMeKKF2QT4';

test.each([
  [{ headers: { Authorization: 'x' } }, '$.headers.Authorization'],
  [{ headers: { 'Proxy-Authorization': 'x' } }, '$.headers["Proxy-Authorization"]'],
  [{ headers: { cookie: 'a=b' } }, '$.headers.cookie'],
  [{ headers: { 'X-Api-Key': 'abc' } }, '$.headers["X-Api-Key"]'],
  [{ headers: { apikey: 'abc' } }, '$.headers.apikey'],
  [{ headers: { 'x-auth-token': 'abc' } }, '$.headers["x-auth-token"]'],
  [{ headers: { 'X-Vault-Token': 'abc' } }, '$.headers["X-Vault-Token"]'],
  [{ headers: { 'x-client-secret': 'abc' } }, '$.headers["x-client-secret"]'],
  [{ headers: { 'Ocp-Apim-Subscription-Key': 'abc' } }, '$.headers["Ocp-Apim-Subscription-Key"]'],
  [{ headers: { 'x-functions-key': 'abc' } }, '$.headers["x-functions-key"]'],
  [{ headers: { 'x-note': 'Bearer abcdef1234567890' } }, '$.headers["x-note"]'],
  [{ headers: { 'x-note': 'basic dXNlcjpwYXNzd29yZA==' } }, '$.headers["x-note"]'],
  [{ api_key: 'abc' }, '$.api_key'],
  [{ apiKey: 'abc' }, '$.apiKey'],
  [{ auth: { password: 'p' } }, '$.auth.password'],
  [{ auth: [{ clientSecret: 'p' }] }, '$.auth[0].clientSecret'],
  [{ accessToken: 'p' }, '$.accessToken'],
  [{ privateKey: ['line', 'line'] }, '$.privateKey'],
  [{ credentials: { user: 'u', value: 'v' } }, '$.credentials'],
  [{ base_url: 'https://user:pw@a.example/' }, '$.base_url'],
  [{ base_url: 'https://user@a.example/' }, '$.base_url'],
  [{ base_url: 'https://a.example/?api_key=abc' }, '$.base_url'],
  [{ base_url: 'https://a.example/?x=1&access_token=abc' }, '$.base_url'],
  [{ base_url: 'https://a.example/hook?key=abcdef123456' }, '$.base_url'],
  [{ path: '/x?sig=0123456789abcdef' }, '$.path'],
  [{ path: `/services/xoxb-${'1'.repeat(12)}` }, '$.path'],
  [{ a: `sk-${'a1'.repeat(10)}` }, '$.a'],
  [{ a: `sk_live_${'a1'.repeat(8)}` }, '$.a'],
  [{ a: `cs_live_${'a1'.repeat(8)}` }, '$.a'],
  [{ a: `ghp_${'a1'.repeat(18)}` }, '$.a'],
  [{ a: `AKIA${'A1'.repeat(8)}` }, '$.a'],
  [{ a: JWT }, '$.a'],
  [{ a: `prefix ${JWT} suffix` }, '$.a'],
  [{ a: '-----BEGIN RSA PRIVATE KEY-----\nMIIE' }, '$.a'],
  [{ a: '-----BEGIN PRIVATE KEY-----' }, '$.a'],
  [{ 'Bearer abcdef1234567890': 'x' }, '$["Bearer abcdef1234567890"]'],
  [['ok', { token: 'x' }], '$[1].token'],
  ['Bearer abcdef1234567890', '$'],
])('%j holds a credential at %s', (config, path) => {
  expect(findCredential(config)).toBe(path);
});

test.each([
  [null],
  [{}],
  [{ base_url: 'https://api.example.com/v1' }],
  [{ base_url: 'https://api.example.com:8443/tokens' }],
  [{ method: 'POST', path: '/mail/send', headers: { 'x-request-source': 'countersign' }, timeout_ms: 500 }],
  [{ path: '/v1/tokenize', headers: { 'x-tokenizer': 'wordpiece', accept: 'application/json; charset=utf-8' } }],
  [{ path: '/secrets-of-the-sea/{id}', query: ['page_token', 'q', 'api_key'] }],
  [{ max_tokens: 500, tokens_per_minute: '60', next_page_token: 'cursor-12', token_type: 'word' }],
  [{ token_url: 'https://a.example/oauth/token', authorization_endpoint: 'https://a.example/auth' }],
  [{ headers: { 'x-idempotency-key': 'a', 'x-partition-key': 'b', 'x-public-key': 'c', 'x-keyboard': 'd' } }],
  [{ password: '', token: true, secret: 7, cookie: null, api_key: [] }],
  [{ path: '/search?q=token&key=name&code=US&api_key={api_key}' }],
  [{ description: 'Sends a bearer of good news; basic information about the authorization process.' }],
  [{ a: 'basic information', b: 'token ring', c: 'sk-learn', d: 'mailto:user@example.com', e: 'AKIA' }],
  [{ monkey: 'x', keyed: 'y', author: 'z', 'cache-control': 'no-store', 'x-secretary': 'Ms K', tokyo: '1' }],
  [{ base_url: 'https://a.example/@handle/posts?page=2' }],
])('%j is harmless', (config) => {
  expect(findCredential(config)).toBeNull();
});

test('what is too deep or too long to check counts as found', () => {
  let deep: unknown = 'x';
  for (let level = 0; level < 40; level += 1) deep = { a: deep };
  expect(findCredential(deep)).toMatch(/^\$(\.a)+$/);
  expect(findCredential({ text: 'a'.repeat(16_385) })).toBe('$.text');
  expect(findCredential({ text: 'a '.repeat(8_000) })).toBeNull();
});

test('a hostile text is checked in linear time: the patterns have no unbounded overlap', () => {
  for (const unit of ['eyJ', 'bearer ', '://', '?a=', 'ghp_', '-----BEGIN ', 'Basic ', 'a.']) {
    expect(typeof findCredential({ text: unit.repeat(16_384 / unit.length) }), unit).not.toBe('undefined');
  }
});
