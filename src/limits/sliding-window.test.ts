import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingWindow, WINDOW_MS } from './sliding-window.ts';

test('one a minute waits a minute, to the second', () => {
  const window = new SlidingWindow();
  expect(window.take(1, 1_000)).toMatchObject({ allowed: true, remaining: 0, retryAfterSeconds: 0 });
  expect(window.take(1, 1_000)).toMatchObject({ allowed: false, retryAfterSeconds: 60 });
  expect(window.take(1, 31_500)).toMatchObject({ allowed: false, retryAfterSeconds: 30 });
  expect(window.take(1, 60_999)).toMatchObject({ allowed: false, retryAfterSeconds: 1 });
  expect(window.take(1, 61_000)).toMatchObject({ allowed: true });
});

test('of five a minute a sixth waits until the first is a minute old', () => {
  const window = new SlidingWindow();
  for (const at of [0, 5_000, 10_000, 20_000, 50_000]) expect(window.take(5, at).allowed).toBe(true);
  expect(window.take(5, 58_700)).toMatchObject({ allowed: false, retryAfterSeconds: 2 });
  expect(window.take(5, 60_000)).toMatchObject({ allowed: true, remaining: 0 });
});

test('a call that has its place keeps it under another limit only where that has room for all', () => {
  const window = new SlidingWindow();
  for (const at of [0, 1, 2]) window.take(10, at);
  expect(window.check(3, 3)).toMatchObject({ allowed: true, remaining: 0 });
  expect(window.check(2, 3)).toMatchObject({ allowed: false });
  expect(window.take(4, 3).allowed).toBe(true);
});

test('no minute has more calls than the limit, whatever the limit, and what is said of the wait is so', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 50, maxLength: 3_000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_500 }), gaps, (limit, steps) => {
      const window = new SlidingWindow();
      const passed: number[] = [];
      let nowMs = 0;
      for (const step of steps) {
        nowMs += step;
        const { allowed, retryAfterSeconds } = window.take(limit, nowMs);
        if (allowed) {
          passed.push(nowMs);
          const inWindow = passed.filter((at) => at > nowMs - WINDOW_MS).length;
          expect(inWindow).toBeLessThanOrEqual(limit);
        } else {
          expect(window.hasRoom(limit, nowMs + retryAfterSeconds * 1000)).toBe(true);
          return;
        }
      }
    }),
    { numRuns: 60 },
  );
});
