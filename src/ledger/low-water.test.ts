import { expect, test } from 'vitest';
import { LowWater } from './low-water.ts';

const SECOND = 1_000;

test('begins where everything had been moved fifteen seconds before, and not later', () => {
  const water = new LowWater();
  expect(water.next(0)).toBe('0');
  for (let second = 1, id = 100; second < 60; second++, id += 100) {
    water.moved(String(id));
    const from = Number(water.next(second * SECOND));
    const movedBefore = Math.max(0, id - 15 * 100);
    expect(from).toBeLessThanOrEqual(movedBefore);
    // The mark moves every fifteen seconds, so it lags by thirty-odd at most.
    expect(from).toBeGreaterThanOrEqual(Math.max(0, id - 33 * 100));
  }
});

test('begins at the start once a minute, for what was committed late', () => {
  const water = new LowWater();
  const starts: number[] = [];
  for (let second = 0; second <= 200; second++) {
    if (water.next(second * SECOND) === '0' && second > 35) starts.push(second);
    water.moved('5000');
  }
  expect(starts).toEqual([60, 120, 180]);
});
