import { sql } from 'kysely';
import type { Store } from '../../store/store.ts';

/** A delivery is kept for so long after it ended. */
const KEPT_DAYS = 14;
const ROUND_MAX = 2_000;

/** Removes deliveries that ended long ago, and what was on its way to endpoints that are gone; says whether there may be more. */
export async function pruneDeliveries(store: Store): Promise<boolean> {
  const removed = await store.asSystem(async (db) => {
    const { numAffectedRows: old = 0n } = await sql`
      delete from webhook_deliveries where (tenant_id, id) in (
        select tenant_id, id from webhook_deliveries
        where finished_at < clock_timestamp() - ${KEPT_DAYS} * interval '1 day' limit ${ROUND_MAX})`.execute(db);
    const { numAffectedRows: orphans = 0n } = await sql`
      delete from webhook_deliveries where (tenant_id, id) in (
        select d.tenant_id, d.id from webhook_deliveries d
        where d.status = 'pending' and not exists (select from webhook_endpoints w where w.tenant_id = d.tenant_id and w.id = d.endpoint_id)
        limit ${ROUND_MAX})`.execute(db);
    return [old, orphans];
  });
  return removed.some((count) => count >= ROUND_MAX);
}
