import { readJson } from '../kernel/json-text.ts';
import type { TenantTx } from '../store/store.ts';

/** Whoever looks for an earlier state looks at this many at most. */
const STATES_MAX = 200;

/** The states that something of the configuration was left in, newest first, as its entries have them. */
export async function statesOf(tx: TenantTx, resourceId: string): Promise<Record<string, unknown>[]> {
  const rows = await tx.db
    .selectFrom('audit_log')
    .select('entry')
    .where('tenant_id', '=', tx.tenantId)
    .where('resource_id', '=', resourceId)
    .orderBy('seq', 'desc')
    .limit(STATES_MAX)
    .execute();
  const states = rows.map(({ entry }) => (readJson(entry) as { after_state?: unknown }).after_state);
  return states.filter((state): state is Record<string, unknown> => typeof state === 'object' && state !== null);
}
