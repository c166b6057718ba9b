import type { Hono } from 'hono';
import { sql } from 'kysely';
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
      const lagMs = await app.store.asSystem(async (db) => {
        const { rows } = await sql<{ lag_ms: number }>`
          select coalesce(extract(epoch from clock_timestamp() - min(at)) * 1000, 0)::float8 as lag_ms
          from (select at from audit_pending order by id limit 1) oldest`.execute(db);
        return Math.max(0, Math.round(rows[0]!.lag_ms));
      });
      const ready = lagMs <= LAG_MAX_MS;
      return c.json({ status: ready ? 'ok' : 'behind', store: 'ok', sequencer_lag_ms: lagMs }, ready ? 200 : 503);
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault;
      return c.json({ status: 'unavailable', store: 'unavailable' }, 503);
    }
  });
}
