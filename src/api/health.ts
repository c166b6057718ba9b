import type { Hono } from 'hono';
import { StoreUnavailable } from '../store/fault.ts';
import type { App } from './app.ts';
import type { Env } from './mount.ts';

/** The sequencer is behind when its oldest entry has waited longer than this. */
const LAG_MAX_MS = 5_000;

/** Anybody may ask, so the store is asked at most this often. */
const REMEMBERED_MS = 1_000;

type Readiness = { readonly ready: boolean; readonly body: Readonly<Record<string, unknown>> };

/** `/healthz` says that the process runs, `/readyz` that it can govern calls. */
export function mountHealth(hono: Hono<Env>, app: App): void {
  const readiness = remembered(() => readinessOf(app), REMEMBERED_MS);
  hono.get('/healthz', (c) => c.json({ status: 'ok' }));
  hono.get('/readyz', async (c) => {
    const { ready, body } = await readiness();
    return c.json(body, ready ? 200 : 503);
  });
}

async function readinessOf(app: App): Promise<Readiness> {
  try {
    const lagMs = await app.sequencer.lagMs();
    const ready = lagMs <= LAG_MAX_MS;
    return { ready, body: { status: ready ? 'ok' : 'behind', store: 'ok', sequencer_lag_ms: lagMs } };
  } catch (fault) {
    if (!(fault instanceof StoreUnavailable)) throw fault;
    return { ready: false, body: { status: 'unavailable', store: 'unavailable' } };
  }
}

/** Asks once, however many wait for the answer, and gives that answer again until it is too old. */
function remembered<T>(ask: () => Promise<T>, maxAgeMs: number): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let askedMs = 0;
  let isOpen = false;
  return () => {
    if (answer !== undefined && (isOpen || performance.now() - askedMs < maxAgeMs)) return answer;
    isOpen = true;
    const asked = ask().finally(() => {
      isOpen = false;
      askedMs = performance.now();
    });
    answer = asked;
    // A fault is told to those who waited for it, and not remembered.
    asked.catch(() => {
      if (answer === asked) answer = undefined;
    });
    return asked;
  };
}
