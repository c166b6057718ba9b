import { approvalEvent } from '../../held/approval-event.ts';
import { endHeldCall } from '../../held/end-call.ts';
import type { Actor } from '../../kernel/actor.ts';
import { deny, type Problem, type Refusal } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { signal } from '../../store/signals.ts';
import type { TenantTx } from '../../store/store.ts';
import { movePending } from './move-pending.ts';
import { refuseSettled } from './rules.ts';

/** The requester takes the request back while nobody has decided it. Anyone else's approval is not found. */
export async function cancelApproval(
  ctx: { readonly tx: TenantTx; readonly actor: Actor; readonly principal: { kind: 'member' | 'client'; id: string } },
  approvalId: string,
): Promise<{ status: 'cancelled' } | Refusal | Problem> {
  const { tx, actor, principal } = ctx;
  const own = tx.db
    .selectFrom('approvals')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', approvalId)
    .where('principal_kind', '=', principal.kind)
    .where('principal_id', '=', principal.id);
  const row = await own.forUpdate().executeTakeFirst();
  if (row === undefined) return deny('approval_not_found');
  const settled = refuseSettled(row.status);
  if (settled !== undefined) return settled;
  if (!(await movePending(tx, approvalId, 'cancelled'))) return deny('approval_expired');
  await endHeldCall(tx, row.execution_id, 'cancelled', 'approval_cancelled', 'Taken back by whoever asked.');
  const data = { reason: 'requester_cancelled' };
  await audit(tx, {
    actor,
    ...approvalEvent(row, { event_type: 'approval.cancelled', outcome: 'cancelled' }, data),
  });
  await signal(tx, { kind: 'approval', tenantId: tx.tenantId, id: approvalId });
  return { status: 'cancelled' };
}
