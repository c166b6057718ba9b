import { setTimeout } from 'node:timers/promises';
import type { Signal } from '../../store/signals.ts';
import type { Store } from '../../store/store.ts';

/** Signals make waiting prompt; looking again now and then makes it right. */
const RECHECK_MS = 2_000;
/** However many signals come, nobody looks more often than this: a busy workspace has many a second. */
const PAUSE_MS = 150;

/** Hears what concerns something that is waited for. What came since it was asked last is not missed. */
export type Ear = {
  /** Resolves once something was heard, after `maxMs` at the latest, or when `gone`. */
  next(maxMs: number, gone: AbortSignal): Promise<void>;
  close(): void;
};

export function listen(store: Pick<Store, 'signals'>, concerns: (signal: Signal) => boolean): Ear {
  let heard = false;
  let wake = (): void => {};
  let lookedMs = Number.NEGATIVE_INFINITY;
  const close = store.signals.subscribe((signal) => {
    if (signal.kind !== 'reconnected' && !concerns(signal)) return;
    heard = true;
    wake();
  });
  return {
    close,
    async next(maxMs, gone) {
      const until = performance.now() + Math.min(maxMs, RECHECK_MS);
      if (!heard) {
        const over = new AbortController();
        const signal = AbortSignal.any([gone, over.signal]);
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const timer = setTimeout(Math.max(0, until - performance.now()), undefined, { signal }).catch(() => {});
        await Promise.race([woken, timer]);
        over.abort();
      }
      const pauseMs = Math.min(until, lookedMs + PAUSE_MS) - performance.now();
      if (pauseMs > 0) await setTimeout(pauseMs, undefined, { signal: gone }).catch(() => {});
      heard = false;
      wake = () => {};
      lookedMs = performance.now();
    },
  };
}
