import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { callOnce, callTo, type Loopback, read, sendVia, serveHttp, serveTcp } from './loopback.fixture.ts';
import { createUpstream, type Upstream } from './upstream.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const http: typeof serveHttp = async (...args) => keep(await serveHttp(...args));
const tcp: typeof serveTcp = async (...args) => keep(await serveTcp(...args));

function keep<T extends Loopback | Upstream>(thing: T): T {
  open.push({ close: () => thing.close(0) });
  return thing;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

const answering = (status: number, headers: Record<string, string>, body: string | Buffer = '') =>
  http((_request, response) => {
    response.writeHead(status, headers).end(body);
  });

const JSON_TYPE = { 'content-type': 'application/json' };

test('the request carries the canonical bytes, the idempotency key and the configured headers', async () => {
  let seen: { request: IncomingMessage; body: string } | undefined;
  const server = await http(async (request, response) => {
    seen = { request, body: await bodyOf(request) };
    response.writeHead(201, JSON_TYPE).end('{"id":7}');
  });
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`] }));
  const call = callTo(`http://127.0.0.1:${server.port}/v1/`, { headers: { 'X-Request-Source': 'agents' } });
  const canonical = '{"a":"ü\\n","b":[1,2]}';
  const outcome = await sendVia(upstream, {
    ...call,
    arguments: { a: 'ü\n', b: [1, 2] },
    argumentsCanonical: Buffer.from(canonical),
  });
  expect(read(outcome)).toEqual({ kind: 'executed', result: { id: 7 }, httpStatus: 201 });
  expect(seen?.body).toBe(canonical);
  expect(seen?.request).toMatchObject({ method: 'POST', url: '/v1/x' });
  expect(seen?.request.headers).toEqual({
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
    'user-agent': expect.stringMatching(/^countersign\/\d+\.\d+\.\d+/),
    'idempotency-key': 'exe_01test',
    'accept-encoding': 'identity',
    'x-request-source': 'agents',
    accept: 'application/json, */*;q=0.5',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(canonical)),
  });
});

test('GET sends the arguments in the query and no body', async () => {
  let seen: IncomingMessage | undefined;
  const server = await http((request, response) => {
    seen = request;
    response.writeHead(200, JSON_TYPE).end('[]');
  });
  const outcome = await callOnce(server, { method: 'GET', path: '/s' }, {}, { arguments: { q: 'a b' } });
  expect(outcome).toEqual({ kind: 'executed', result: [], httpStatus: 200 });
  expect(seen?.url).toBe('/s?q=a%20b');
  expect(seen?.headers).not.toHaveProperty('content-length');
  expect(seen?.headers).not.toHaveProperty('content-type');
});

test('noop echoes without any I/O', async () => {
  const upstream = keep(createUpstream({ allow: [] }));
  const call = {
    ...callTo('http://127.0.0.1:1', {}, { a: 1 }),
    handlerKind: 'noop',
    handlerConfig: {},
    connector: null,
  };
  expect(await sendVia(upstream, call)).toEqual({ kind: 'executed', result: '{"ok":true,"echo":{"a":1}}' });
});

test.each([
  [200, { 'content-type': 'application/json; charset=utf-8' }, '\ufeff{"a":1}', { a: 1 }],
  [200, { 'content-type': 'application/problem+json' }, '"x"', 'x'],
  [200, {}, '{"a":1}', { a: 1 }],
  [200, {}, 'hello', { text: 'hello', content_type: '' }],
  [200, { 'content-type': 'text/plain' }, '{"a":1}', { text: '{"a":1}', content_type: 'text/plain' }],
  [200, JSON_TYPE, '', null],
  [204, {}, '', null],
  [202, JSON_TYPE, 'null', null],
  [
    200,
    { 'content-type': 'text/plain; charset=iso-8859-1' },
    Buffer.from([0xe4]),
    { text: 'ä', content_type: 'text/plain; charset=iso-8859-1' },
  ],
  [200, { 'content-type': 'image/png' }, Buffer.from([0x89, 0x50]), { base64: 'iVA=', content_type: 'image/png' }],
  [200, { 'content-type': 'text/plain' }, 'a\0b', { base64: 'YQBi', content_type: 'text/plain' }],
])('a complete %i answer %j is executed', async (status, headers, body, result) => {
  const server = await answering(status, headers as Record<string, string>, body);
  expect(await callOnce(server)).toEqual({ kind: 'executed', result, httpStatus: status });
});

test.each([
  ['not JSON', '{"a":'],
  ['NaN', '{"a":NaN}'],
  ['nesting beyond 64', '['.repeat(65) + ']'.repeat(65)],
  ['nesting that would overflow a stack', '['.repeat(200_000) + ']'.repeat(200_000)],
])('a 2xx answer that says JSON and is %s was executed; its text is kept within 64 KiB', async (_, body) => {
  const server = await answering(200, JSON_TYPE, body);
  expect(await callOnce(server)).toEqual({
    kind: 'executed',
    result: { text: body.slice(0, 65_536), content_type: 'application/json', note: 'invalid_json' },
    httpStatus: 200,
    note: 'invalid_json',
  });
});

test.each([400, 404, 409, 422, 429, 500, 503])('a complete %i answer is a failure with its body', async (status) => {
  const server = await answering(status, JSON_TYPE, '{"error":"no"}');
  expect(await callOnce(server)).toEqual({
    kind: 'failed',
    error: {
      code: 'upstream_error',
      message: `The upstream answered ${status}.`,
      http_status: status,
      body: { error: 'no' },
    },
  });
});

test.each([301, 302, 303, 304, 307, 308])('a %i answer is a failure and is not followed', async (status) => {
  let requests = 0;
  const server = await http((_request, response) => {
    requests += 1;
    response.writeHead(status, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  });
  const outcome = await callOnce(server, { method: 'GET' });
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'redirect_refused', http_status: status } });
  expect(JSON.stringify(outcome)).not.toContain('169.254');
  expect(requests).toBe(1);
});

test('an answer far beyond the limit is executed, cut, and not read on', async () => {
  let written = 0;
  let closed: Promise<unknown> | undefined;
  const server = await http(async (_request, response) => {
    closed = once(response, 'close');
    response.writeHead(200, { 'content-type': 'text/plain' });
    const chunk = Buffer.alloc(256 * 1024, 'x');
    while (written < 100 * 1024 * 1024 && !response.destroyed) {
      written += chunk.length;
      if (!response.write(chunk)) await Promise.race([once(response, 'drain'), closed]);
    }
    response.end();
  });
  const outcome = await callOnce(server);
  await closed;
  expect(outcome).toEqual({
    kind: 'executed',
    result: { truncated: true, bytes_read: 1024 * 1024, text: 'x'.repeat(65_536), content_type: 'text/plain' },
    httpStatus: 200,
    note: 'truncated',
  });
  // What the kernel's buffers took in the meantime, not the whole.
  expect(written).toBeLessThan(32 * 1024 * 1024);
});

test('a body sent a byte a chunk is put together, and cut at the limit', async () => {
  const server = await tcp((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n');
      socket.end(`${'1\r\nx\r\n'.repeat(5000)}0\r\n\r\n`);
    });
  });
  expect(await callOnce(server)).toMatchObject({ kind: 'executed', result: { text: 'x'.repeat(5000) } });
  const short = await callOnce(server, {}, { maxBodyBytes: 3000 });
  expect(short).toMatchObject({
    note: 'truncated',
    result: { truncated: true, bytes_read: 3000, text: 'x'.repeat(3000) },
  });
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
] as const)(
  'an answer encoded against our wish (%s) is decoded, a bomb only to the limit',
  async (encoding, encode) => {
    const good = await answering(200, { ...JSON_TYPE, 'content-encoding': encoding }, encode('{"a":1}'));
    expect(await callOnce(good)).toEqual({ kind: 'executed', result: { a: 1 }, httpStatus: 200 });
    const bomb = await answering(
      200,
      { ...JSON_TYPE, 'content-encoding': encoding },
      encode(Buffer.alloc(8_000_000, ' ')),
    );
    expect(await callOnce(bomb)).toEqual({
      kind: 'executed',
      result: { truncated: true, bytes_read: 1024 * 1024, text: ' '.repeat(65_536), content_type: 'application/json' },
      httpStatus: 200,
      note: 'truncated',
    });
  },
);

test.each([
  ['gzip', gzipSync('{"a":1}').subarray(0, 12)],
  ['gzip', Buffer.from('not gzip at all')],
  ['zstd', Buffer.from('x')],
  ['gzip, gzip', gzipSync(gzipSync('{}'))],
])('an answer that cannot be decoded (%s) is executed and kept as bytes', async (encoding, body) => {
  const server = await answering(200, { ...JSON_TYPE, 'content-encoding': encoding }, body);
  expect(await callOnce(server)).toEqual({
    kind: 'executed',
    result: {
      content_type: 'application/json',
      content_encoding: encoding,
      base64: body.toString('base64'),
      note: 'undecodable',
    },
    httpStatus: 200,
    note: 'undecodable',
  });
});

test('calls one after another reuse their connections; calls at once use several', async () => {
  const server = await answering(200, JSON_TYPE, '{}');
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`] }));
  const call = callTo(`http://127.0.0.1:${server.port}`);
  for (let count = 0; count < 20; count += 1) expect((await sendVia(upstream, call)).kind).toBe('executed');
  // Not one: undici lends a connection out again a turn of the event loop after its answer.
  expect(server.connections()).toBeLessThanOrEqual(2);
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => sendVia(upstream, call)));
  expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['executed']));
  expect(server.connections()).toBeLessThanOrEqual(10);
});

test('a shorter connection limit makes calls wait their turn, none is lost', async () => {
  const server = await answering(200, JSON_TYPE, '{}');
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`], connectionsPerOrigin: 2 }));
  const call = callTo(`http://127.0.0.1:${server.port}`);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => sendVia(upstream, call)));
  expect(outcomes.filter((outcome) => outcome.kind === 'executed')).toHaveLength(50);
  expect(server.connections()).toBe(2);
});
