import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { uuidToId } from '../kernel/ids.ts';
import type { Asked } from './fetch-guarded.ts';
import { type Loopback, serveHttp, TENANT } from './loopback.fixture.ts';
import { createUpstream, type Upstream } from './upstream.ts';

const OTHER = '01900000-0000-7000-8000-000000000002';
const open: (Loopback | Upstream)[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close(0);
});

async function setup() {
  const seen: { url: string; headers: object; body: string }[] = [];
  const server = await serveHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      seen.push({ url: request.url!, headers: request.headers, body });
      if (request.url === '/away') response.writeHead(302, { location: '/elsewhere' }).end();
      else if (request.url === '/never') return;
      else if (request.url === '/long') response.end('x'.repeat(5000));
      else if (request.url === '/gzip') {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello'));
      } else if (request.url === '/bomb') {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 * 1024 * 1024)));
      } else if (request.url === '/odd') response.writeHead(200, { 'content-encoding': 'zstd' }).end('what');
      else response.writeHead(201, { 'x-two': ['a', 'b'] }).end('hello');
    });
  });
  const upstream = createUpstream({ allow: [`${uuidToId('org', TENANT)}@127.0.0.1:${server.port}`] });
  open.push(server, upstream);
  const ask = (path: string, more: Partial<Asked> = {}) =>
    upstream.fetch({
      tenantId: TENANT,
      url: `http://127.0.0.1:${server.port}${path}`,
      maxBytes: 4096,
      timeoutMs: 5000,
      ...more,
    });
  return { server, upstream, seen, ask };
}

test('a request arrives as it was asked, and its answer is read', async () => {
  const { ask, seen } = await setup();
  const answer = await ask('/x?a=1#part', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hi' });
  expect(answer).toMatchObject({ kind: 'answer', status: 201, complete: true, headers: { 'x-two': 'a, b' } });
  expect(answer.kind === 'answer' && answer.body.toString()).toBe('hello');
  expect(seen).toMatchObject([
    { url: '/x?a=1', body: 'hi', headers: { 'content-type': 'text/plain', 'accept-encoding': 'identity' } },
  ]);
  await ask('?b=2');
  expect(seen.at(-1)!.url).toBe('/?b=2');
});

test('an exception is its own workspace’s, and a redirect is followed by nobody', async () => {
  const { ask, server, seen } = await setup();
  expect(await ask('/x', { tenantId: OTHER })).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  expect(await ask('', { url: 'http://169.254.169.254/' })).toMatchObject({ kind: 'refused' });
  expect(await ask('', { url: 'nonsense' })).toMatchObject({ kind: 'refused' });
  expect(server.connections()).toBe(0);
  expect(await ask('/away')).toMatchObject({ kind: 'answer', status: 302, headers: { location: '/elsewhere' } });
  expect(seen).toHaveLength(1);
});

test('size, decompression and time are bounded', async () => {
  const { ask } = await setup();
  const long = await ask('/long');
  expect(long).toMatchObject({ kind: 'answer', complete: false });
  expect(long.kind === 'answer' && long.body.length).toBe(4096);
  const small = await ask('/gzip');
  expect(small.kind === 'answer' && [small.body.toString(), small.complete]).toEqual(['hello', true]);
  const bomb = await ask('/bomb', { maxBytes: 64 * 1024 });
  expect(bomb.kind === 'answer' && [bomb.body.length, bomb.complete]).toEqual([64 * 1024, false]);
  expect(await ask('/odd')).toMatchObject({ kind: 'answer', status: 200, body: Buffer.alloc(0), complete: false });
  expect(await ask('/never', { timeoutMs: 100 })).toMatchObject({ kind: 'unknown' });
  const gone = new AbortController();
  gone.abort();
  expect(await ask('/x', { signal: gone.signal })).toMatchObject({ kind: 'failed', code: 'cancelled_before_send' });
});

test('what cannot be sent is said, and nothing is sent once the process stops', async () => {
  const { ask, upstream } = await setup();
  expect(await ask('/x', { headers: { 'x-bad': 'a\r\nb: c' } })).toMatchObject({
    kind: expect.not.stringMatching('answer'),
  });
  await upstream.close(0);
  expect(await ask('/x')).toMatchObject({ kind: 'failed', code: 'cancelled_before_send' });
});
