import { sql } from 'kysely';
import type { Store } from '../../store/store.ts';
import { removeSome } from '../prune.ts';

/** A delivery is kept for so long after it ended. */
const KEPT_DAYS = 14;

/** Removes deliveries that ended long ago, and what was on its way to endpoints that are gone; says whether there may be more. */
export async function pruneDeliveries(store: Store): Promise<boolean> {
  const old = sql`finished_at < clock_timestamp() - ${KEPT_DAYS} * interval '1 day'`;
  const orphans = sql`status = 'pending' and not exists (select from webhook_endpoints w
    where w.tenant_id = webhook_deliveries.tenant_id and w.id = webhook_deliveries.endpoint_id)`;
  const more = [
    await removeSome(store, 'webhook_deliveries', old),
    await removeSome(store, 'webhook_deliveries', orphans),
  ];
  return more.includes(true);
}
