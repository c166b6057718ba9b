import type { Logger } from 'pino';

/** Work that is done again and again, with a pause between rounds. */
export type Repeating = {
  /** Asks for a round soon, as after a signal. Within the pause of `minMs` many askers get one round. */
  wake(): void;
  /** Resolves when the round under way has ended; there is none after it. */
  stop(): Promise<void>;
};

/**
 * Repeats `work`, which says in how many milliseconds it has something to do next: it is called then, or when woken, or
 * after `maxMs` at the latest, but not before `minMs`. A round that fails is tried again after `minMs`.
 */
export function repeat(
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  log: Logger,
  work: () => Promise<number>,
): Repeating {
  let isStopped = false;
  let isRunning = false;
  let isWoken = false;
  let endedMs = performance.now();
  let round = Promise.resolve();
  let timer: NodeJS.Timeout;

  const arm = (pauseMs: number): void => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(run, Math.min(maxMs, Math.max(minMs, pauseMs)));
  };
  const run = (): void => {
    isRunning = true;
    isWoken = false;
    round = work()
      .catch((fault) => {
        log.warn({ err: fault }, 'background work failed; it is tried again');
        return minMs;
      })
      .then((pauseMs) => {
        isRunning = false;
        endedMs = performance.now();
        arm(isWoken ? minMs : pauseMs);
      });
  };
  arm(minMs);
  return {
    wake() {
      if (isWoken || isStopped) return;
      isWoken = true;
      if (isRunning) return;
      clearTimeout(timer);
      timer = setTimeout(run, Math.max(0, minMs - (performance.now() - endedMs)));
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}

/** Repeats `work` with a pause of `pauseMs` between rounds. */
export function every(pauseMs: number, log: Logger, work: () => Promise<void>): Repeating {
  return repeat({ minMs: pauseMs, maxMs: pauseMs }, log, async () => {
    await work();
    return pauseMs;
  });
}
