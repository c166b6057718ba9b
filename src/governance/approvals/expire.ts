import { sql } from 'kysely';
import { approvalEvent } from '../../held/approval-event.ts';
import { endHeldCall } from '../../held/end-call.ts';
import { SYSTEM } from '../../kernel/actor.ts';
import { audit } from '../../ledger/audit.ts';
import { signal } from '../../store/signals.ts';
import type { Store } from '../../store/store.ts';

const ROUND_MAX = 200;

/**
 * Marks approvals whose time is over, in every workspace, and says how many. Expiry does not wait for this: an
 * approval past its time is refused wherever it is used. This makes it visible, with its audit entry.
 */
export async function expireApprovals(store: Store): Promise<number> {
  const due = await store.asSystem((db) =>
    db
      .selectFrom('approvals')
      .select(['tenant_id', 'id'])
      .where('status', 'in', ['pending', 'approved'])
      .where('expires_at', '<=', sql<Date>`clock_timestamp()`)
      .limit(ROUND_MAX)
      .execute(),
  );
  let expired = 0;
  for (const { tenant_id, id } of due) if (await expireOne(store, tenant_id, id)) expired += 1;
  return expired;
}

function expireOne(store: Store, tenantId: string, id: string): Promise<boolean> {
  return store.withTenant(tenantId, async (tx) => {
    const row = await tx.db
      .updateTable('approvals')
      .set({ status: 'expired', decided_at: sql<Date>`clock_timestamp()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('status', 'in', ['pending', 'approved'])
      .where('expires_at', '<=', sql<Date>`clock_timestamp()`)
      .returning(['id', 'execution_id', 'tool_name', 'policy', 'payload_sha256', 'expires_at'])
      .executeTakeFirst();
    if (row === undefined) return false;
    await endHeldCall(tx, row.execution_id, 'denied', 'approval_expired');
    await audit(tx, {
      actor: SYSTEM,
      ...approvalEvent(row, { event_type: 'approval.expired', outcome: 'expired' }),
    });
    await signal(tx, { kind: 'approval', tenantId, id });
    return true;
  });
}
