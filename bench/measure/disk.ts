import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './numbers.ts';

const ROUNDS = 60;
const BLOCK_BYTES = 8_192;

/** What it costs to make one 8 kB block durable in `folder`, in microseconds: the floor of every commit. */
export function measureSync(folder: string): number {
  const path = join(folder, 'sync-probe');
  const file = openSync(path, 'w');
  try {
    const block = Buffer.alloc(BLOCK_BYTES, 1);
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      writeSync(file, block);
      fdatasyncSync(file);
      took.push((performance.now() - started) * 1000);
    }
    return median(took);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}
