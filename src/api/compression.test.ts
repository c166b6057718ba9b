import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressed, encodingOf } from './compression.ts';

const large = JSON.stringify({ items: Array.from({ length: 100 }, (_, nth) => ({ id: nth, name: 'a name' })) });
const json = (body: string | null = large, type = 'application/json') =>
  new Response(body, { headers: { 'content-type': type, etag: '"3"' } });
const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer());

test.each([
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['GZIP;q=0.5', 'gzip'],
  ['br;q=0.1, gzip;q=0.8', 'gzip'],
  ['br;q=0, gzip;q=0', undefined],
  ['*', 'br'],
  ['*;q=0', undefined],
  ['identity', undefined],
  ['', undefined],
  ['br;q=x', undefined],
])('%s takes %s', (accepts, expected) => {
  expect(encodingOf(accepts)).toBe(expected);
});

test('a large answer comes back the same, smaller, and says what it depends on', async () => {
  for (const [accepts, open] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const answer = await compressed(json(), accepts);
    expect(answer.headers.get('content-encoding')).toBe(accepts);
    expect(answer.headers.get('vary')).toBe('accept-encoding');
    expect(answer.headers.get('etag')).toBe('"3"');
    const body = await bytes(answer);
    expect(body.length).toBeLessThan(large.length / 4);
    expect(open(body).toString()).toBe(large);
  }
});

test('what is small, not asked for, no JSON or compressed already stays as it is', async () => {
  const text = async (response: Response) => [response.headers.get('content-encoding'), await response.text()];
  expect(await text(await compressed(json('{"ok":true}'), 'br'))).toEqual([null, '{"ok":true}']);
  expect(await text(await compressed(json(), undefined))).toEqual([null, large]);
  for (const type of ['text/event-stream', 'application/jsonl; charset=utf-8', 'text/html']) {
    expect(await text(await compressed(json(large, type), 'br'))).toEqual([null, large]);
  }
  const already = new Response('x', { headers: { 'content-type': 'application/json', 'content-encoding': 'br' } });
  expect(await compressed(already, 'gzip')).toBe(already);
  const nothing = new Response(null, { status: 204 });
  expect(await compressed(nothing, 'br')).toBe(nothing);
});
