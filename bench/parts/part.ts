/** One part of the path, measured by itself. */
export type Part = {
  readonly name: string;
  /** What one operation costs, or how many there are in a second. */
  readonly unit: 'µs' | '/s';
  /** Measures for about `forMs` and gives one figure in the unit. */
  measure(forMs: number): Promise<number> | number;
};

/**
 * The CPU that an operation without waits takes, in microseconds: CPU and not time, so that what else the machine does
 * counts less. The result is kept, so that the work cannot be optimised away.
 */
export function timed(name: string, work: () => unknown): Part {
  return {
    name,
    unit: 'µs',
    measure(forMs) {
      let kept: unknown;
      let rounds = 0;
      const before = process.threadCpuUsage();
      const started = performance.now();
      while (performance.now() - started < forMs) {
        for (let batch = 0; batch < 16; batch++) kept = work();
        rounds += 16;
      }
      const { user, system } = process.threadCpuUsage(before);
      if (kept === undefined) throw new Error(`${name} did nothing`);
      return (user + system) / rounds;
    },
  };
}

/** Times an operation that waits, one after the other, in microseconds. */
export function awaited(name: string, work: () => unknown): Part {
  return {
    name,
    unit: 'µs',
    async measure(forMs) {
      const { rounds, seconds } = await atOnce(1, forMs, work);
      return (seconds / rounds) * 1_000_000;
    },
  };
}

/** How many of an operation are done in a second when `callers` ask for it at once. */
export function throughput(name: string, callers: number, work: () => unknown): Part {
  return {
    name,
    unit: '/s',
    async measure(forMs) {
      const { rounds, seconds } = await atOnce(callers, forMs, work);
      return rounds / seconds;
    },
  };
}

async function atOnce(callers: number, forMs: number, work: () => unknown) {
  let rounds = 0;
  const started = performance.now();
  const loop = async (): Promise<void> => {
    while (performance.now() - started < forMs) {
      await work();
      rounds++;
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
  return { rounds, seconds: (performance.now() - started) / 1000 };
}
