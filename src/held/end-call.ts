import { sql } from 'kysely';
import { REFUSALS, type RefusalCode } from '../kernel/codes.ts';
import type { TenantTx } from '../store/store.ts';

/** Ends the call that waited for an approval which will not come. The approval's own audit entry tells of both. */
export async function endHeldCall(
  tx: TenantTx,
  executionId: string,
  status: 'denied' | 'cancelled',
  code: RefusalCode,
  detail: string = REFUSALS[code].message,
): Promise<void> {
  await tx.db
    .updateTable('agent_execution_logs')
    .set({ status, code, step: 'approval', detail, finished_at: sql<Date>`clock_timestamp()` })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', executionId)
    .where('status', '=', 'pending_approval')
    .execute();
}
