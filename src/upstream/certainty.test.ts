import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Dispatcher } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { send } from './kinds/http/send.ts';
import { callOnce, callTo, type Loopback, read, sendVia, serveHttp, serveTcp } from './loopback.fixture.ts';
import { createUpstream, type Upstream } from './upstream.ts';

// What is certain and what is not: `failed` and `refused` promise that nothing was sent, or that the answer is
// complete; everything between the first byte out and the last byte in is `unknown`.

const open: (Loopback | Upstream)[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close(0);
});

function keep<T extends Loopback | Upstream>(thing: T): T {
  open.push(thing);
  return thing;
}

/** Answers every request with these bytes, then does `after` with the socket. */
async function rawly(bytes: string, after: (socket: Socket) => void = (socket) => socket.end()) {
  let requests = 0;
  const server = keep(
    await serveTcp((socket) => {
      socket.on('data', () => {
        requests += 1;
        if (bytes === '') after(socket);
        else socket.write(bytes, () => after(socket));
      });
    }),
  );
  return { ...server, requests: () => requests };
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

test.each([
  ['closed before any answer', '', 'end'],
  ['reset before any answer', '', 'reset'],
  ['closed within the head', 'HTTP/1.1 200 OK\r\ncontent-', 'end'],
  ['closed within the body', `${HEAD}content-length: 10\r\n\r\n{"a"`, 'end'],
  ['reset within the body', `${HEAD}content-length: 10\r\n\r\n{"a"`, 'reset'],
  ['closed within a chunk', `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{"a"`, 'end'],
  ['closed before the last chunk', `${HEAD}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`, 'end'],
  ['closed within an error body', 'HTTP/1.1 500 No\r\ncontent-length: 10\r\n\r\nxy', 'end'],
  ['garbage instead of HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'end'],
  ['garbage instead of a chunk size', `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 'end'],
  ['two different lengths', `${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}x`, 'end'],
  ['a length and chunks', `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, 'end'],
  ['a head of 32 KiB', `${HEAD}x: ${'y'.repeat(32_768)}\r\ncontent-length: 2\r\n\r\n{}`, 'end'],
  ['an unasked upgrade', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', 'end'],
  ['an unasked 100', 'HTTP/1.1 100 Continue\r\n\r\n', 'end'],
] as const)('%s: unknown, and asked once', async (_, bytes, ending) => {
  const server = await rawly(bytes, (socket) => (ending === 'end' ? socket.end() : socket.resetAndDestroy()));
  const outcome = await callOnce(server, { method: 'GET' });
  expect(outcome).toEqual({ kind: 'unknown', reason: expect.stringMatching(/^The connection broke off/) });
  expect(server.requests()).toBe(1);
});

test('early hints before the answer are skipped', async () => {
  const server = await rawly(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${HEAD}content-length: 2\r\n\r\n{}`);
  expect(await callOnce(server)).toEqual({ kind: 'executed', result: {}, httpStatus: 200 });
});

test('a body that ends with the connection is complete when it is whole JSON', async () => {
  const server = await rawly(`${HEAD}\r\n{"a":1}`);
  expect(await callOnce(server)).toEqual({ kind: 'executed', result: { a: 1 }, httpStatus: 200 });
});

test.each([
  ['no answer', ''],
  ['an unfinished head', 'HTTP/1.1 200 OK\r\n'],
  ['an unfinished body', `${HEAD}content-length: 10\r\n\r\n{`],
])('%s within the time: unknown, and the connection is closed', async (_, bytes) => {
  let closed: Promise<unknown> | undefined;
  const server = await rawly(bytes, (socket) => {
    closed = once(socket, 'close');
  });
  const outcome = await callOnce(server, { timeout_ms: 100 });
  expect(outcome).toEqual({ kind: 'unknown', reason: expect.stringMatching(/^The time was up/) });
  await closed;
});

test('a slow drip does not extend the time', async () => {
  const server = await rawly(`${HEAD}content-length: 100000\r\n\r\n`, (socket) => {
    const timer = setInterval(() => socket.write(' '), 10);
    socket.on('close', () => clearInterval(timer));
  });
  const outcome = await callOnce(server, {}, {}, { timeoutMs: 150 });
  expect(outcome).toEqual({ kind: 'unknown', reason: expect.stringContaining('after the answer 200 had begun') });
});

test('nobody listens: failed, certainly not sent', async () => {
  const server = await serveTcp(() => {});
  await server.close();
  expect(await callOnce(server)).toMatchObject({ kind: 'failed', error: { code: 'connect_failed' } });
});

test('a server that does not speak TLS gets no request', async () => {
  const chunks: Buffer[] = [];
  const server = keep(
    await serveTcp((socket) =>
      socket.on('data', (chunk) => chunks.push(chunk) && socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
    ),
  );
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`] }));
  const outcome = await sendVia(upstream, callTo(`https://127.0.0.1:${server.port}`));
  expect(read(outcome)).toMatchObject({ kind: 'failed', error: { code: 'tls_failed' } });
  expect(Buffer.concat(chunks).toString('latin1')).not.toContain('POST');
});

test('a call that found no free connection in time was not sent, and is not sent later', async () => {
  const paths: string[] = [];
  const release: (() => void)[] = [];
  const server = keep(
    await serveHttp((request, response) => {
      paths.push(request.url ?? '');
      release.push(() => response.end('{}'));
    }),
  );
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`], connectionsPerOrigin: 1 }));
  const base = `http://127.0.0.1:${server.port}`;
  const first = sendVia(upstream, callTo(base, { path: '/first' }));
  const waiting = await sendVia(upstream, callTo(base, { path: '/waiting', timeout_ms: 100 }));
  expect(read(waiting)).toMatchObject({ kind: 'failed', error: { code: 'timeout_before_send' } });
  await expect.poll(() => release.length).toBe(1);
  release[0]?.();
  expect(await first).toMatchObject({ kind: 'executed' });
  const last = sendVia(upstream, callTo(base, { path: '/last' }));
  await expect.poll(() => release.length).toBe(2);
  release[1]?.();
  expect(await last).toMatchObject({ kind: 'executed' });
  expect(paths).toEqual(['/first', '/last']);
});

test('a cancelled call says whether it was sent', async () => {
  const arrived = Promise.withResolvers<void>();
  const server = keep(await serveHttp(() => arrived.resolve()));
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`] }));
  const call = callTo(`http://127.0.0.1:${server.port}`);
  expect(read(await sendVia(upstream, { ...call, signal: AbortSignal.abort() }))).toMatchObject({
    kind: 'failed',
    error: { code: 'cancelled_before_send' },
  });
  expect(server.connections()).toBe(0);
  const stop = new AbortController();
  const running = sendVia(upstream, { ...call, signal: stop.signal });
  await arrived.promise;
  stop.abort();
  expect(await running).toEqual({ kind: 'unknown', reason: expect.stringContaining('cancelled') });
});

test('an idle connection that the server closed is not used again', async () => {
  const sockets: Socket[] = [];
  const server = keep(
    await serveTcp((socket) => {
      sockets.push(socket);
      socket.on('data', () => socket.write(`${HEAD}content-length: 2\r\n\r\n{}`));
    }),
  );
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`] }));
  const call = callTo(`http://127.0.0.1:${server.port}`);
  for (const ending of ['end', 'resetAndDestroy', 'end'] as const) {
    expect(await sendVia(upstream, call)).toMatchObject({ kind: 'executed' });
    const socket = sockets.at(-1)!;
    const closed = once(socket, 'close');
    socket[ending]();
    await closed;
    // The next call starts while the close is still on its way through our event loop.
    expect(await sendVia(upstream, call)).toMatchObject({ kind: 'executed' });
  }
});

test('a connection closed in answer to the second request makes that one unknown, not repeated', async () => {
  let requests = 0;
  const server = keep(
    await serveTcp((socket) => {
      socket.on('data', () => {
        requests += 1;
        if (requests === 1) socket.write(`${HEAD}content-length: 2\r\n\r\n{}`);
        else socket.destroy();
      });
    }),
  );
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`] }));
  const call = callTo(`http://127.0.0.1:${server.port}`, { method: 'GET' });
  expect(await sendVia(upstream, call)).toMatchObject({ kind: 'executed' });
  expect(await sendVia(upstream, call)).toMatchObject({ kind: 'unknown' });
  expect(requests).toBe(2);
});

test('an answer that nobody asked for does not answer the next call', async () => {
  const answer = (text: string): string => `${HEAD}content-length: ${text.length}\r\n\r\n${text}`;
  let requests = 0;
  const server = keep(
    await serveTcp((socket) => {
      socket.on('data', () => {
        requests += 1;
        socket.write(requests === 1 ? answer('{"n":1}') + answer('{"forged":true}') : answer('{"n":2}'));
      });
    }),
  );
  const upstream = keep(createUpstream({ allow: [`127.0.0.1:${server.port}`] }));
  const call = callTo(`http://127.0.0.1:${server.port}`);
  const outcomes = [await sendVia(upstream, call), await sendVia(upstream, call)];
  expect(JSON.stringify(outcomes)).not.toContain('forged');
});

test('closing waits for running calls, then cuts them; later calls are not sent', async () => {
  const arrived = Promise.withResolvers<void>();
  const server = keep(
    await serveHttp((request, response) => {
      if (request.url === '/hang') arrived.resolve();
      else response.end('{}');
    }),
  );
  const base = `http://127.0.0.1:${server.port}`;
  const upstream = createUpstream({ allow: [`127.0.0.1:${server.port}`] });
  const fast = sendVia(upstream, callTo(base));
  const hanging = sendVia(upstream, callTo(base, { path: '/hang' }));
  await arrived.promise;
  await upstream.close(50);
  expect(await fast).toMatchObject({ kind: 'executed' });
  expect(await hanging).toMatchObject({ kind: 'unknown' });
  expect(read(await sendVia(upstream, callTo(base)))).toMatchObject({
    kind: 'failed',
    error: { code: 'cancelled_before_send' },
  });
  await upstream.close();
});

test.each([
  ['no connector', { connector: null }],
  ['another connector', { connector: { kind: 'mcp', config: { base_url: 'http://127.0.0.1:1' } } }],
  ['no handler config', { handlerConfig: null }],
  ['a handler config of another shape', { handlerConfig: { method: 'POST', path: '//x' } }],
  ['a handler config that is no JSON', { handlerConfig: { method: 'POST', path: '/x', timeout_ms: 1n } }],
  ['a kind that this version does not have', { handlerKind: 'telex' }],
  ['a kind named like an inherited property', { handlerKind: 'constructor' }],
])('%s: refused, certainly not sent', async (_, change) => {
  expect(await callOnce({ port: 1 }, {}, {}, change)).toMatchObject({
    kind: 'refused',
    code: 'invalid_arguments',
    detail: expect.stringMatching(/handler_config or a connector|This version/),
  });
});

test('a base URL that would swallow the path: refused, certainly not sent', async () => {
  for (const rest of ['/v1?x=', '/v1#', '/v1/../', '//b.example']) {
    const connector = { kind: 'http', config: { base_url: `http://127.0.0.1:1${rest}` } };
    const outcome = await callOnce({ port: 1 }, {}, {}, { connector });
    expect(outcome, rest).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  }
});

test('arguments that do not fit the path: refused, certainly not sent', async () => {
  const outcome = await callOnce({ port: 1 }, { path: '/a/{id}' }, {}, { arguments: { id: '..' } });
  expect(outcome).toMatchObject({ kind: 'refused', code: 'invalid_arguments' });
});

test('an execution id that is no header value does not throw and is not sent', async () => {
  const server = keep(await serveHttp((_request, response) => response.end('{}')));
  const outcome = await callOnce(server, {}, {}, { executionId: 'a\r\nb: c' });
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'connect_failed' } });
  expect(server.connections()).toBe(0);
});

/** A dispatcher that fails every call with `error`, before or after the request started. */
class FailingDispatcher extends Dispatcher {
  dispatched = 0;
  readonly #error: Error;
  readonly #started: boolean;

  constructor(error: Error, started: boolean) {
    super();
    this.#error = error;
    this.#started = started;
  }

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.dispatched += 1;
    const controller = { aborted: false, paused: false, reason: null, abort() {}, pause() {}, resume() {} };
    if (this.#started) handler.onRequestStart?.(controller, null);
    handler.onResponseError?.(controller, this.#error);
    return true;
  }
}

test.each([
  ['ECONNRESET', false, 2, 'failed'],
  ['EPIPE', false, 2, 'failed'],
  ['UND_ERR_DESTROYED', false, 1, 'failed'],
  ['UND_ERR_INVALID_ARG', false, 1, 'failed'],
  ['ECONNRESET', true, 1, 'unknown'],
  ['EPIPE', true, 1, 'unknown'],
  ['UND_ERR_SOCKET', true, 1, 'unknown'],
] as const)(
  '%s with the request started: %s is dispatched %i time(s) and ends as %s',
  async (code, started, times, kind) => {
    const dispatcher = new FailingDispatcher(Object.assign(new Error(code), { code }), started);
    const request = { origin: 'http://api.example.com', path: '/x', method: 'POST' as const, headers: [], body: '{}' };
    const outcome = await send(dispatcher, request, { timeoutMs: 10_000, maxBodyBytes: 1000 });
    expect(outcome.kind).toBe(kind);
    expect(dispatcher.dispatched).toBe(times);
  },
);
