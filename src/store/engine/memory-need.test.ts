import { expect, test } from 'vitest';
import { memoryWarning } from './memory-need.ts';

const MEBIBYTE = 1024 * 1024;

test('says what is needed and what there is where that is less', () => {
  expect(memoryWarning(512 * MEBIBYTE)).toMatch(/there are 512 MiB: below 640 MiB the system may end this process/);
  expect(memoryWarning(768 * MEBIBYTE)).toMatch(/there are 768 MiB: it runs without optimized code/);
  expect(memoryWarning(1024 * MEBIBYTE)).toBeUndefined();
  expect(memoryWarning(16 * 1024 * MEBIBYTE)).toBeUndefined();
});
