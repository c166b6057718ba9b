import type { Logger } from 'pino';
import type { Deliverer } from '../notify/webhooks/deliverer.ts';
import { handOut } from '../notify/webhooks/hand-out.ts';
import { pruneDeliveries } from '../notify/webhooks/prune.ts';
import { releaseAll } from '../notify/webhooks/queue.ts';
import type { Store } from '../store/store.ts';
import { startTelling } from './telling.ts';

/** Makes deliveries of what came into the chains, and sends them when they are due. */
export async function startDelivering(
  store: Store,
  deliverer: Deliverer,
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  if (store.engine.kind === 'embedded') await releaseAll(store);
  let isStopped = false;
  const telling = startTelling(store, log, {
    leastMs: 20,
    wakenBy: (kind) => kind === 'deliveries',
    rounds: [
      async () => {
        await handOut(store, () => isStopped);
        return Number.POSITIVE_INFINITY;
      },
      (wake) => deliverer.round(wake),
    ],
    prune: () => pruneDeliveries(store),
  });
  return {
    async stop() {
      isStopped = true;
      await telling.stop();
      await deliverer.stop();
    },
  };
}
