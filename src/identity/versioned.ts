import { sql, type Updateable } from 'kysely';
import { type Problem, problem } from '../kernel/codes.ts';
import type { TenantTx } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';

/** Tables whose rows count their versions, for `If-Match`. */
type Versioned = 'integration_clients' | 'connectors' | 'tools' | 'grants' | 'secrets' | 'webhook_endpoints';

/** Writes a row's next version if it still has the expected one, and says `version_mismatch` if it has not. */
export async function updateVersion<T extends Versioned>(
  tx: TenantTx,
  table: T,
  row: { readonly id: string; readonly version: number },
  set: Updateable<Tables[T]>,
): Promise<Problem | undefined> {
  const { numUpdatedRows } = await tx.db
    // They have these columns alike, which the types of a table that is a variable cannot say.
    .updateTable(table as 'tools')
    .set({ ...(set as Updateable<Tables['tools']>), version: sql`version + 1`, updated_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', row.id)
    .where('version', '=', row.version)
    .executeTakeFirst();
  return numUpdatedRows === 0n ? problem('version_mismatch') : undefined;
}
