import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Repeating, repeat } from './repeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await repeating?.stop();
  vi.useRealTimers();
});

const log = pino({ level: 'silent' });
let repeating: Repeating | undefined;

/** Starts work that says `nextMs`, and tells at which milliseconds it was done. */
function start(nextMs: () => number | Promise<number>): { readonly at: number[] } {
  const began = performance.now();
  const at: number[] = [];
  repeating = repeat({ minMs: 1_000, maxMs: 5_000 }, log, async () => {
    at.push(Math.round(performance.now() - began));
    return nextMs();
  });
  return { at };
}

test('is done when it said there would be something to do, and not before the least pause', async () => {
  const pauses = [2_500, 0, Number.POSITIVE_INFINITY, 60_000];
  const { at } = start(() => pauses.shift() ?? 60_000);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(at).toEqual([1_000, 3_500, 4_500, 9_500, 14_500]);
});

test('is done once for many that wake it, and never more often than the least pause allows', async () => {
  const { at } = start(() => 5_000);
  await vi.advanceTimersByTimeAsync(2_500);
  repeating?.wake();
  repeating?.wake();
  await vi.advanceTimersByTimeAsync(200);
  repeating?.wake();
  repeating?.wake();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(at).toEqual([1_000, 2_500, 3_500]);
});

test('one that is woken while it works is done again', async () => {
  let begun = 0;
  const { at } = start(async () => {
    begun += 1;
    if (begun === 1) repeating?.wake();
    return 5_000;
  });
  await vi.advanceTimersByTimeAsync(4_000);
  expect(at).toEqual([1_000, 2_000]);
});

test('is tried again when it failed', async () => {
  let failed = false;
  const { at } = start(() => {
    if (failed) return 5_000;
    failed = true;
    throw new Error('away');
  });
  await vi.advanceTimersByTimeAsync(4_000);
  expect(at).toEqual([1_000, 2_000]);
});
