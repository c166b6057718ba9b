import type { IncomingMessage, RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { callOnce, type Loopback, serveHttp, serveTcp } from '../../loopback.fixture.ts';

const IDEMPOTENT = { idempotent: true };

/** Answers each request with what `answers` has next, and says with which keys it was asked. */
async function answering(...answers: RequestListener[]): Promise<{ server: Loopback; keys: (string | undefined)[] }> {
  const keys: (string | undefined)[] = [];
  const server = await serveHttp((request: IncomingMessage, response) => {
    keys.push(request.headers['idempotency-key'] as string | undefined);
    answers[Math.min(keys.length, answers.length) - 1]!(request, response);
  });
  return { server, keys };
}

const busy: RequestListener = (_, response) => response.writeHead(503, { 'retry-after': '0' }).end('busy');
const cut: RequestListener = (request) => request.socket.destroy();
const fine: RequestListener = (_, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":1}');

test('an idempotent call is sent again when it was not served or broke off, under the same key', async () => {
  const { server, keys } = await answering(busy, cut, fine);
  expect(await callOnce(server, IDEMPOTENT)).toEqual({ kind: 'executed', result: { ok: 1 }, httpStatus: 200 });
  expect(keys).toEqual(['exe_01test', 'exe_01test', 'exe_01test']);
  await server.close();
});

test('no other call is', async () => {
  for (const answer of [busy, cut]) {
    const { server, keys } = await answering(answer, fine);
    expect(await callOnce(server)).toMatchObject({ kind: answer === busy ? 'failed' : 'unknown' });
    expect(keys).toHaveLength(1);
    await server.close();
  }
});

test('it is sent three times at most, and not again for what asking again does not change', async () => {
  const { server, keys } = await answering(busy);
  expect(await callOnce(server, IDEMPOTENT)).toMatchObject({ kind: 'failed', error: { http_status: 503 } });
  expect(keys).toHaveLength(3);
  await server.close();
  for (const status of [400, 404, 500]) {
    const other = await answering((_, response) => response.writeHead(status).end());
    expect(await callOnce(other.server, IDEMPOTENT)).toMatchObject({ kind: 'failed', error: { http_status: status } });
    expect(other.keys).toHaveLength(1);
    await other.server.close();
  }
});

test('a wait that is longer than the call has is not waited for', async () => {
  const { server, keys } = await answering((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
  expect(await callOnce(server, IDEMPOTENT)).toMatchObject({ kind: 'failed', error: { http_status: 429 } });
  expect(keys).toHaveLength(1);
  await server.close();
});

test('that nothing was sent the last time says nothing about the first time', async () => {
  let asked = 0;
  const server: Loopback = await serveTcp((socket) => {
    asked += 1;
    socket.once('data', () => {
      socket.destroy();
      // Nobody is there any more when it is sent again.
      void server.close();
    });
  });
  expect(await callOnce(server, IDEMPOTENT)).toMatchObject({ kind: 'unknown' });
  expect(asked).toBe(1);
});
