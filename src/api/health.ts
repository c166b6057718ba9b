import type { Hono } from 'hono';
import { StoreUnavailable } from '../store/fault.ts';
import type { App } from './app.ts';
import type { Env } from './mount.ts';

/** The sequencer is behind when its oldest entry has waited longer than this. */
const LAG_MAX_MS = 5_000;

/** `/healthz` says that the process runs, `/readyz` that it can govern calls. */
export function mountHealth(hono: Hono<Env>, app: App): void {
  hono.get('/healthz', (c) => c.json({ status: 'ok' }));
  hono.get('/readyz', async (c) => {
    try {
      const lagMs = await app.sequencer.lagMs();
      const ready = lagMs <= LAG_MAX_MS;
      return c.json({ status: ready ? 'ok' : 'behind', store: 'ok', sequencer_lag_ms: lagMs }, ready ? 200 : 503);
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault;
      return c.json({ status: 'unavailable', store: 'unavailable' }, 503);
    }
  });
}
