import type { Logger } from 'pino';
import type { Signal } from '../store/signals.ts';
import type { Store } from '../store/store.ts';
import { type Repeating, repeat } from './repeat.ts';

/** For what nobody tells of and no date announces. */
const LOOK_MS = 30_000;
/** Not at once: a start has other things to do. */
const PRUNE_LEAST_MS = 60_000;
const PRUNE_MS = 3_600_000;

type Telling = {
  /** Many causes within so long are one round. */
  readonly leastMs: number;
  /** Which signals it is woken by; a reconnect always does. */
  readonly wakenBy: (kind: Signal['kind']) => boolean;
  /** What is done at each round, and says in how many milliseconds there is something to do next. */
  readonly rounds: readonly ((wake: () => void) => Promise<number>)[];
  /** Removes what is kept no longer, and says whether there may be more. */
  readonly prune: () => Promise<boolean>;
};

/** Background work that tells others: woken when something happened, and by the date of what is due next. */
export function startTelling(
  store: Store,
  log: Logger,
  { leastMs, wakenBy, rounds, prune }: Telling,
): { stop(): Promise<void> } {
  const telling = rounds.map((round) => {
    const repeating: Repeating = repeat({ minMs: leastMs, maxMs: LOOK_MS }, log, () => round(() => repeating.wake()));
    return repeating;
  });
  const pruning = repeat({ minMs: PRUNE_LEAST_MS, maxMs: PRUNE_MS }, log, async () => ((await prune()) ? 0 : PRUNE_MS));
  const unsubscribe = store.signals.subscribe(({ kind }) => {
    if (kind === 'reconnected' || wakenBy(kind)) for (const repeating of telling) repeating.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await Promise.all([...telling, pruning].map((repeating) => repeating.stop()));
    },
  };
}
