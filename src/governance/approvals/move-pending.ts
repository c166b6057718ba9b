import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';

/** Moves an approval that still waits, and says whether it did: not when its time is over, by the database's clock. */
export async function movePending(
  tx: TenantTx,
  id: string,
  status: 'pending' | 'approved' | 'denied' | 'cancelled',
): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('approvals')
    .set({ status, ...(status !== 'pending' && { decided_at: sql<Date>`clock_timestamp()` }) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
