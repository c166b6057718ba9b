import { expect, test } from 'vitest';
import { connectorSchema, handlerSchema } from '../../shapes.ts';
import { httpConnectorConfig, httpHandlerConfig } from './config.ts';

const get = { method: 'GET', path: '/search' };

test('a plain config is accepted and its timeout defaults to 30 seconds', () => {
  expect(httpHandlerConfig.parse(get)).toEqual({ ...get, timeout_ms: 30_000 });
  expect(httpConnectorConfig.parse({ base_url: 'http://127.0.0.1:4010/v1/' })).toBeTruthy();
  expect(handlerSchema('noop')!.parse({})).toEqual({});
  expect(connectorSchema('noop')!.parse({})).toEqual({});
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

test.each([
  [{ 'X-Order': '{order_id}' }, 'arguments go into the path'],
  [{ 'X-Order': 'order {order_id} of {customer}' }, 'arguments go into the path'],
  [{ 'X-Order': '{ order_id }' }, 'arguments go into the path'],
  [{ 'X-Order': '\u0024{order_id}' }, 'arguments go into the path'],
  [{ 'X-Order': '{{arguments.order}}' }, 'arguments go into the path'],
  [{ 'X-Order': '{{MAIL}}' }, 'arguments go into the path'],
  [{ 'Content-Type': 'text/plain' }, 'what is sent is JSON'],
  [{ 'content-type': 'application/x-www-form-urlencoded' }, 'what is sent is JSON'],
  [{ 'CONTENT-TYPE': 'multipart/form-data; boundary=x' }, 'what is sent is JSON'],
  [{ 'Content-Type': 'application/xml' }, 'what is sent is JSON'],
  [{ 'Content-Type': 'application/json-seq' }, 'what is sent is JSON'],
  [{ 'Content-Type': 'application/x-ndjson' }, 'what is sent is JSON'],
  [{ 'Content-Type': '' }, 'what is sent is JSON'],
  [{ 'Content-Type': 'application/json; charset=utf-16' }, 'UTF-8'],
  [{ 'Content-Type': 'application/json; charset="ISO-8859-1"' }, 'UTF-8'],
  [{ 'Content-Digest': 'sha-256=:x:' }, 'set by Countersign'],
  [{ 'Content-MD5': 'x' }, 'set by Countersign'],
  [{ 'Content-Range': 'bytes 0-1/2' }, 'set by Countersign'],
  [{ content_length: '1' }, 'set by Countersign'],
  [{ Transfer_Encoding: 'chunked' }, 'set by Countersign'],
  [{ x_http_method_override: 'DELETE' }, 'set by Countersign'],
  [{ 'http2-settings': 'x' }, 'set by Countersign'],
  [{ 'True-Client-IP': '127.0.0.1' }, 'set by Countersign'],
  [{ 'X-Original-Host': 'a' }, 'set by Countersign'],
  [{ Range: 'bytes=0-1' }, 'conditional and partial'],
  [{ 'If-None-Match': '"x"' }, 'conditional and partial'],
  [{ 'x-a': 'b', x_a: 'c' }, 'given twice'],
])('the headers %j would not do what they say, and the field is named', (headers, message) => {
  const parsed = httpHandlerConfig.safeParse({ method: 'POST', path: '/x', headers });
  const name = Object.keys(headers).at(-1);
  expect(parsed.error?.issues).toMatchObject([{ path: ['headers', name], message: expect.stringContaining(message) }]);
});

test.each([
  ['application/json'],
  ['application/json; charset=utf-8'],
  ['application/json;charset="UTF-8"'],
  ['application/vnd.api+json'],
  ['application/merge-patch+json; profile="https://a.example/p"'],
])('what is sent may be called %s', (type) => {
  const headers = { 'Content-Type': type };
  expect(httpHandlerConfig.safeParse({ method: 'PATCH', path: '/x', headers }).success).toBe(true);
});

test.each([
  { method: 'GET', path: '/x' },
  { method: 'DELETE', path: '/x' },
  { method: 'POST', path: '/x', body: 'none' },
  { method: 'POST', path: '/x', query: 'arguments' },
])('a request without a body has no type: %j', (config) => {
  const parsed = httpHandlerConfig.safeParse({ ...config, headers: { 'content-type': 'application/json' } });
  expect(parsed.error?.issues).toMatchObject([{ path: ['headers', 'content-type'] }]);
});

test.each([
  [{ path: '/x/{id}', query: ['id'] }, 'id'],
  [{ path: '/x', query: ['q', 'q'] }, 'q'],
])('an argument has one place: %j', (config, name) => {
  const parsed = httpHandlerConfig.safeParse({ method: 'GET', ...config });
  expect(parsed.error?.issues).toMatchObject([{ path: ['query'], message: expect.stringContaining(`"${name}"`) }]);
});

test('a header that holds JSON or braces of its own is no template', () => {
  for (const value of ['{"path":"/a"}', '{}', '{ "a": 1 }', 'a{1,2}', 'W/"{1}"']) {
    expect(httpHandlerConfig.safeParse({ ...get, headers: { 'x-options': value } }).success, value).toBe(true);
  }
});

test('other headers are accepted', () => {
  const headers = {
    Accept: 'text/plain',
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
  expect(connectorSchema('noop')!.safeParse({ base_url: 'https://a.example' }).success).toBe(false);
});
