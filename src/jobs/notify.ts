import type { Logger } from 'pino';
import type { Noticer } from '../notify/notices/noticer.ts';
import type { Store } from '../store/store.ts';
import { startTelling } from './telling.ts';

/** Tells people what waits for them, and reminds them. */
export function startNotifying(store: Store, noticer: Noticer, log: Logger): { stop(): Promise<void> } {
  const telling = startTelling(store, log, {
    leastMs: 500,
    // An approval is announced by its entry alone.
    wakenBy: (kind) => kind !== 'deliveries',
    rounds: [() => noticer.round()],
    prune: () => noticer.prune(),
  });
  return {
    async stop() {
      await telling.stop();
      noticer.close();
    },
  };
}
