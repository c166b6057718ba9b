import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BodyCollector } from './body-collector.ts';
import { decodeContent } from './content-decoding.ts';

const letters = (count: number): Buffer => Buffer.from(Array.from({ length: count }, (_, index) => 97 + (index % 26)));

test.each([1, 7, 100, 4096, 9999])('chunks of %i bytes come out as they went in', (size) => {
  const whole = letters(20_000);
  for (const expected of [Number.NaN, 0, 10, 20_000, 1e9]) {
    const body = new BodyCollector(30_000, expected);
    for (let at = 0; at < whole.length; at += size) expect(body.add(whole.subarray(at, at + size))).toBe(true);
    expect(body.bytes().equals(whole)).toBe(true);
  }
});

test('what fits within the limit is kept, and the rest is announced', () => {
  const body = new BodyCollector(10, Number.NaN);
  expect(body.add(letters(10))).toBe(true);
  expect(body.add(Buffer.alloc(0))).toBe(true);
  expect(body.add(letters(1))).toBe(false);
  expect(body.bytes().equals(letters(10))).toBe(true);
  const other = new BodyCollector(10, 5);
  expect(other.add(letters(4))).toBe(true);
  expect(other.add(letters(26).subarray(4))).toBe(false);
  expect(other.bytes().equals(letters(10))).toBe(true);
});

test('a chunk that was handed in is never written to', () => {
  const first = letters(8).subarray(0, 4);
  const body = new BodyCollector(100, Number.NaN);
  body.add(first);
  body.add(Buffer.from('XXXX'));
  expect(Buffer.from(first.buffer, first.byteOffset, 8).toString()).toBe('abcdefgh');
});

test('an announced length reserves no more than the limit', () => {
  const body = new BodyCollector(64, 1e12);
  body.add(letters(1));
  body.add(letters(1));
  expect(body.bytes().buffer.byteLength).toBeLessThanOrEqual(64);
});

test('of encoded bytes that are known to be cut, what can be read is given', async () => {
  const cut = gzipSync(letters(100_000), { level: 0 }).subarray(0, 50_000);
  expect(await decodeContent('gzip', cut, 1_000_000)).toBeNull();
  const decoded = await decodeContent('GZIP ', cut, 1_000_000, true);
  expect(decoded?.truncated).toBe(true);
  expect(
    letters(100_000)
      .subarray(0, decoded?.bytes.length)
      .equals(decoded?.bytes ?? Buffer.alloc(0)),
  ).toBe(true);
});
