import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type DemoUpstream, startDemoUpstream } from './upstream.ts';

const open: DemoUpstream[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function start(stateFile?: string): Promise<DemoUpstream> {
  const upstream = await startDemoUpstream({ port: 0, ...(stateFile !== undefined && { stateFile }) });
  open.push(upstream);
  return upstream;
}

async function stateFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-upstream-'));
  folders.push(folder);
  return join(folder, 'upstream.json');
}

type Answer = { status: number; body: Record<string, unknown> };

async function send(
  { url }: DemoUpstream,
  method: string,
  path: string,
  body?: unknown,
  key?: string,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expect(response.headers.get('content-type')).toBe('application/json');
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const MAIL = { to: 'kim@example.com', subject: 'Hello', body: 'Hi' };
const REFUND = { order_id: 'ord_1', amount: 49.9, currency: 'EUR', reason: 'damaged' };

test('a mail is stored and listed', async () => {
  const upstream = await start();
  const sent = await send(upstream, 'POST', '/mail/send', MAIL);
  expect(sent).toMatchObject({ status: 201, body: { status: 'sent', to: ['kim@example.com'] } });
  const outbox = await send(upstream, 'GET', '/mail/outbox');
  expect(outbox.body).toMatchObject({ count: 1, items: [{ id: sent.body.id, subject: 'Hello', body: 'Hi' }] });
  expect(upstream.state.outbox).toHaveLength(1);
});

test('the same Idempotency-Key: the same answer, stored once, also at the same time', async () => {
  const upstream = await start();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send(upstream, 'POST', '/mail/send', MAIL, 'exe_1')),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]?.status).toBe(201);
  expect(upstream.state.outbox).toHaveLength(1);
  await send(upstream, 'POST', '/mail/send', MAIL, 'exe_2');
  await send(upstream, 'POST', '/mail/send', MAIL);
  expect(upstream.state.outbox).toHaveLength(3);
});

test('the same Idempotency-Key with another request is refused', async () => {
  const upstream = await start();
  await send(upstream, 'POST', '/mail/send', MAIL, 'exe_1');
  for (const answer of [
    await send(upstream, 'POST', '/mail/send', { ...MAIL, subject: 'Other' }, 'exe_1'),
    await send(upstream, 'POST', '/refunds', REFUND, 'exe_1'),
  ]) {
    expect(answer).toMatchObject({ status: 422, body: { error: 'idempotency_mismatch' } });
  }
  expect(upstream.state.outbox).toHaveLength(1);
  expect(upstream.state.refunds).toHaveLength(0);
});

test('a refund is made and listed', async () => {
  const upstream = await start();
  expect(await send(upstream, 'POST', '/refunds', REFUND)).toMatchObject({
    status: 201,
    body: { ...REFUND, status: 'refunded' },
  });
  expect((await send(upstream, 'GET', '/refunds')).body).toMatchObject({ count: 1, items: [REFUND] });
});

test('the search finds articles that hold every word', async () => {
  const upstream = await start();
  const found = await send(upstream, 'GET', '/search?q=REFUND%20order');
  expect(found).toMatchObject({ status: 200, body: { query: 'REFUND order', count: 1 } });
  expect((await send(upstream, 'GET', '/search?q=zebra')).body).toMatchObject({ count: 0, articles: [] });
});

test('a page is published, a second time as the next version', async () => {
  const upstream = await start();
  const page = { title: 'Opening hours', body: '9 to 5' };
  expect(await send(upstream, 'POST', '/pages/hours', page)).toMatchObject({ status: 201, body: { version: 1 } });
  expect(await send(upstream, 'POST', '/pages/hours', page)).toMatchObject({ status: 200, body: { version: 2 } });
  expect(await send(upstream, 'POST', '/pages/constructor', page)).toMatchObject({ status: 201, body: { version: 1 } });
  expect((await send(upstream, 'GET', '/pages')).body).toMatchObject({ count: 2 });
});

test('a record is deleted once; a repeat with the same key says the same', async () => {
  const upstream = await start();
  expect(await send(upstream, 'DELETE', '/records/rec_1', undefined, 'exe_1')).toMatchObject({ status: 200 });
  expect(await send(upstream, 'DELETE', '/records/rec_1', undefined, 'exe_1')).toMatchObject({ status: 200 });
  expect(await send(upstream, 'DELETE', '/records/rec_1', undefined, 'exe_2')).toMatchObject({ status: 404 });
  expect((await send(upstream, 'GET', '/records')).body).toMatchObject({ count: 19 });
});

test.each([
  ['POST', '/mail/send', { ...MAIL, to: 'nobody' }, 422],
  ['POST', '/mail/send', { ...MAIL, to: [] }, 422],
  ['POST', '/mail/send', { ...MAIL, subject: 'a\r\nBcc: x@example.com' }, 422],
  ['POST', '/mail/send', { ...MAIL, cc: 'x@example.com' }, 422],
  ['POST', '/mail/send', undefined, 422],
  ['POST', '/mail/send', '{"to":', 400],
  ['POST', '/mail/send', { ...MAIL, body: 'x'.repeat(1_100_000) }, 413],
  ['POST', '/refunds', { ...REFUND, amount: 0 }, 422],
  ['POST', '/refunds', { ...REFUND, amount: -5 }, 422],
  ['POST', '/refunds', { ...REFUND, amount: 1.234 }, 422],
  ['POST', '/refunds', { ...REFUND, amount: '49.90' }, 422],
  ['POST', '/refunds', { ...REFUND, currency: 'euro' }, 422],
  ['POST', '/pages/hours', { title: '' }, 422],
  ['POST', '/pages/a%2Fb', { title: 'a', body: '' }, 404],
  ['DELETE', '/records/none', undefined, 404],
  ['GET', '/search', undefined, 422],
  ['GET', '/nowhere', undefined, 404],
  ['PUT', '/mail/send', MAIL, 405],
])('%s %s %j is answered %i and changes nothing', async (method, path, body, status) => {
  const upstream = await start();
  const before = JSON.stringify(upstream.state);
  const answer = await send(upstream, method, path, body);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ error: expect.any(String), message: expect.any(String) });
  expect(JSON.stringify(upstream.state)).toBe(before);
});

test('with a state file a second start has everything, keys included, and no temporary files', async () => {
  const file = await stateFile();
  const first = await start(file);
  const sent = await send(first, 'POST', '/mail/send', MAIL, 'exe_1');
  await Promise.all(Array.from({ length: 10 }, (_, index) => send(first, 'POST', '/refunds', REFUND, `exe_r${index}`)));
  await send(first, 'DELETE', '/records/rec_2');
  const second = await start(file);
  expect(second.state).toEqual(first.state);
  expect(await send(second, 'POST', '/mail/send', MAIL, 'exe_1')).toEqual(sent);
  expect(second.state.outbox).toHaveLength(1);
  await second.close();
  expect(await readdir(join(file, '..'))).toEqual(['upstream.json']);
});

test('a damaged state file stops the start instead of losing data', async () => {
  const file = await stateFile();
  await writeFile(file, '{"outbox":');
  await expect(startDemoUpstream({ port: 0, stateFile: file })).rejects.toThrow(SyntaxError);
});

test('a taken port stops the start', async () => {
  const { port } = await start();
  await expect(startDemoUpstream({ port })).rejects.toThrow(/EADDRINUSE/);
});
