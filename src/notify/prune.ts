import { type RawBuilder, sql } from 'kysely';
import type { Store } from '../store/store.ts';

const ROUND_MAX = 2_000;

/** Removes some of the rows that are kept no longer, of all workspaces; says whether there may be more. */
export async function removeSome(
  store: Store,
  table: 'notices' | 'webhook_deliveries',
  which: RawBuilder<unknown>,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await store.asSystem((db) =>
    sql`delete from ${sql.table(table)} where (tenant_id, id) in (
      select tenant_id, id from ${sql.table(table)} where ${which} limit ${ROUND_MAX})`.execute(db),
  );
  return numAffectedRows >= ROUND_MAX;
}
