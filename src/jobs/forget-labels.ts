import type { Logger } from 'pino';
import { pruneRunLabels } from '../governance/runs/prune.ts';
import type { Store } from '../store/store.ts';
import { repeat } from './repeat.ts';

const LEAST_MS = 60_000;
const LOOK_MS = 3_600_000;

/** Removes labels of runs that have ended: they count no longer, and are only in the way. */
export function startForgettingLabels(store: Store, log: Logger): { stop(): Promise<void> } {
  return repeat({ minMs: LEAST_MS, maxMs: LOOK_MS }, log, async () => ((await pruneRunLabels(store)) ? 0 : LOOK_MS));
}
