import type { Logger } from 'pino';
import type { Deliverer } from '../notify/webhooks/deliverer.ts';
import { pruneDeliveries } from '../notify/webhooks/prune.ts';
import { releaseAll } from '../notify/webhooks/queue.ts';
import type { Store } from '../store/store.ts';
import { repeat } from './repeat.ts';

const LEAST_MS = 20;
/** For what nobody tells of and no date announces. */
const LOOK_MS = 30_000;
/** Not at once: a start has other things to do. */
const PRUNE_LEAST_MS = 60_000;
const PRUNE_MS = 3_600_000;

/** Sends webhooks when they are due: woken when some are queued, and by the date of the next attempt. */
export async function startDelivering(
  store: Store,
  deliverer: Deliverer,
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  if (store.engine.kind === 'embedded') await releaseAll(store);
  const delivering = repeat({ minMs: LEAST_MS, maxMs: LOOK_MS }, log, () => deliverer.round(() => delivering.wake()));
  const pruning = repeat({ minMs: PRUNE_LEAST_MS, maxMs: PRUNE_MS }, log, async () =>
    (await pruneDeliveries(store)) ? 0 : PRUNE_MS,
  );
  const unsubscribe = store.signals.subscribe((signal) => {
    if (signal.kind === 'deliveries' || signal.kind === 'reconnected') delivering.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await Promise.all([delivering.stop(), pruning.stop()]);
      await deliverer.stop();
    },
  };
}
