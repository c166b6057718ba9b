import { createHash } from 'node:crypto';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** What one needs to know to compare two results. */
export type Machine = {
  readonly at: string;
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of the last minute, before anything was started: what others were doing. */
  readonly loadBefore: number;
  /** CPU microseconds of a fixed piece of work. Neighbours and slow cores make it larger, and everything else with it. */
  readonly yardstickUs: number;
};

export function describeMachine(): Machine {
  return {
    at: new Date().toISOString(),
    node: process.version,
    system: `${process.platform} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    loadBefore: loadavg()[0]!,
    yardstickUs: yardstick(),
  };
}

const YARDSTICK_BYTES = 1 << 20;
const YARDSTICK_ROUNDS = 32;

/** CPU of hashing 32 MiB with MD5, which no processor has an instruction for, in microseconds. */
function yardstick(): number {
  const block = Buffer.alloc(YARDSTICK_BYTES, 'yardstick');
  const before = process.cpuUsage();
  const hash = createHash('md5');
  for (let round = 0; round < YARDSTICK_ROUNDS; round++) hash.update(block);
  hash.digest();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
