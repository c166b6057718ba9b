import type { Logger } from 'pino';
import type { Noticer } from '../notify/notices/noticer.ts';
import type { Store } from '../store/store.ts';
import { repeat } from './repeat.ts';

/** Many approvals at once are one round. */
const LEAST_MS = 500;
/** For what nobody tells of and no date announces. */
const LOOK_MS = 30_000;
/** Not at once: a start has other things to do. */
const PRUNE_LEAST_MS = 60_000;
const PRUNE_MS = 3_600_000;

/** Tells people what waits for them: woken when something happened, and by the date of the next reminder. */
export function startNotifying(store: Store, noticer: Noticer, log: Logger): { stop(): Promise<void> } {
  const telling = repeat({ minMs: LEAST_MS, maxMs: LOOK_MS }, log, () => noticer.round());
  const pruning = repeat({ minMs: PRUNE_LEAST_MS, maxMs: PRUNE_MS }, log, async () =>
    (await noticer.prune()) ? 0 : PRUNE_MS,
  );
  // An approval is announced by its entry alone.
  const unsubscribe = store.signals.subscribe((signal) => {
    if (signal.kind !== 'deliveries') telling.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await Promise.all([telling.stop(), pruning.stop()]);
      noticer.close();
    },
  };
}
