import { expect, test } from 'vitest';
import { connectorConfig, handlerConfig, httpConnectorConfig, httpHandlerConfig } from './http-config.ts';

const get = { method: 'GET', path: '/search' };

test('a plain config is accepted and its timeout defaults to 30 seconds', () => {
  expect(httpHandlerConfig.parse(get)).toEqual({ ...get, timeout_ms: 30_000 });
  expect(httpConnectorConfig.parse({ base_url: 'http://127.0.0.1:4010/v1/' })).toBeTruthy();
  expect(handlerConfig.noop.parse({})).toEqual({});
  expect(connectorConfig.noop.parse({})).toEqual({});
});

test.each([
  [{ ...get, unknown: 1 }],
  [{ ...get, method: 'get' }],
  [{ ...get, method: 'CONNECT' }],
  [{ ...get, timeout_ms: 99 }],
  [{ ...get, timeout_ms: 60_001 }],
  [{ ...get, timeout_ms: 100.5 }],
  [{ ...get, body: 'arguments' }],
  [{ ...get, method: 'POST', body: 'arguments', query: 'arguments' }],
  [{ ...get, query: 'all' }],
  [{ method: 'GET' }],
])('the handler config %j is refused', (config) => {
  expect(httpHandlerConfig.safeParse(config).success).toBe(false);
});

test.each([
  '/',
  '/a/{id}',
  '/a/{id}.json',
  '/a/{x}-{y}',
  '/a%20b',
  "/~a/!$&'()*+,;=:@",
  '/...',
  '/a..b',
  '/.well-known/x',
])('the path %s is accepted', (path) => {
  expect(httpHandlerConfig.safeParse({ ...get, path }).success).toBe(true);
});

test.each([
  '',
  'a',
  'http://b.example/',
  '//b.example/',
  '/a//b',
  '/..',
  '/a/../b',
  '/a/./b',
  '/a/%2e%2e/b',
  '/a/%2E./b',
  '/a/..%2fb',
  '/a/%252e%252e/b',
  '/a/..;x/b',
  '/a/%5c..%5cb',
  '/a\\b',
  '/a?x=1',
  '/a#b',
  '/a b',
  '/a\r\nx: y',
  '/a%0d%0ab',
  '/a%00',
  '/ä',
  '/{',
  '/{}',
  '/{a b}',
  '/{a}}',
  '/%zz',
  '/{x}/..',
])('the path %j is refused', (path) => {
  expect(httpHandlerConfig.safeParse({ ...get, path }).success).toBe(false);
});

test.each([
  { Host: 'b.example' },
  { 'content-length': '1' },
  { 'Transfer-Encoding': 'chunked' },
  { 'idempotency-key': 'x' },
  { Connection: 'close' },
  { 'keep-alive': 'x' },
  { upgrade: 'h2c' },
  { expect: '100-continue' },
  { 'user-agent': 'x' },
  { 'accept-encoding': 'gzip' },
  { 'X-Forwarded-For': '127.0.0.1' },
  { 'x-http-method-override': 'DELETE' },
  { 'x-original-url': '/admin' },
  { 'proxy-connection': 'x' },
  { 'a b': 'x' },
  { 'a:': 'x' },
  { '': 'x' },
  { a: 'x\r\ny: z' },
  { a: 'x\0' },
  { a: ' x' },
  { a: 'ä' },
  { a: 'x'.repeat(1025) },
  { accept: 'a', Accept: 'b' },
  Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`x-${index}`, 'y'])),
  Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x-${index}`, 'y'.repeat(1000)])),
])('the headers %j are refused', (headers) => {
  expect(httpHandlerConfig.safeParse({ ...get, headers }).success).toBe(false);
});

test('other headers are accepted', () => {
  const headers = {
    Accept: 'text/plain',
    'content-type': 'application/vnd.api+json',
    'X-Request-Source': 'agents',
    'x-empty': '',
  };
  expect(httpHandlerConfig.safeParse({ ...get, headers }).success).toBe(true);
});

test.each([
  'https://a.example?x=1',
  'https://a.example/#x',
  'https://u:p@a.example/',
  'https://a.example/../b',
  'https://a.example/%2e%2e/b',
  'https://a.example//b',
  'https://a.example/{id}',
  'ftp://a.example/',
  'http://2130706433/',
  'a.example',
  '',
])('the base URL %j is refused', (base_url) => {
  expect(httpConnectorConfig.safeParse({ base_url }).success).toBe(false);
});

test('a connector config with an unknown key is refused', () => {
  expect(httpConnectorConfig.safeParse({ base_url: 'https://a.example', proxy: 'x' }).success).toBe(false);
  expect(connectorConfig.noop.safeParse({ base_url: 'https://a.example' }).success).toBe(false);
});
