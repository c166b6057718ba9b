import { SYSTEM } from '../../kernel/actor.ts';
import { auditAll } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import type { NotSent } from '../channels/not-sent.ts';
import type { Parcel } from './parcel.ts';

/** A notice that was not taken is tried again after so many seconds, and then given up. */
const RETRY_SECONDS = [10, 60, 300, 900];

/**
 * Writes down what became of a notice, and of those that were folded into it. Who was told of an approval that was taken,
 * and how, stands in the audit log.
 */
export async function recordNotice(tx: TenantTx, parcel: Parcel, end: 'dropped' | NotSent | undefined): Promise<void> {
  const { id, approvals, stage, channel, userId, attempts } = parcel;
  const wait = RETRY_SECONDS[attempts];
  const isSent = end === undefined;
  const isAgain = typeof end === 'object' && !end.isFinal && wait !== undefined;
  const became = {
    error: typeof end === 'object' ? end.message.slice(0, 500) : null,
    ...(isSent && { sent_at: tx.at }),
  };
  const status = isSent ? 'sent' : end === 'dropped' ? 'dropped' : 'failed';
  const written = await tx.db
    .updateTable('notices')
    .set({
      ...became,
      status: isAgain ? 'pending' : status,
      attempts: attempts + 1,
      ...(isAgain && { next_attempt_at: new Date(tx.at.getTime() + wait * 1000) }),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .returning('id')
    .executeTakeFirst();
  if (written === undefined || isAgain) return;
  if (parcel.about.kind === 'several') {
    const folded = () =>
      tx.db
        .updateTable('notices')
        .where('tenant_id', '=', tx.tenantId)
        .where('told_by', '=', id)
        .where('status', '=', 'folded');
    if (isSent) {
      const isTold = folded().where((eb) =>
        eb.or([eb('about_kind', '=', 'webhook'), eb('about_id', 'in', ['', ...approvals])]),
      );
      await isTold.set({ ...became, status }).execute();
    }
    // What was decided meanwhile was not told any more.
    await folded()
      .set({ error: became.error, status: isSent ? 'dropped' : status })
      .execute();
  }
  if (!isSent) return;
  await auditAll(
    tx,
    approvals.map((approvalId) => ({
      event_type: 'approval.notified',
      actor: SYSTEM,
      resource: { kind: 'approval', id: approvalId },
      outcome: 'sent',
      data: { approval_id: approvalId, stage, channel, ...(userId !== null && { user_ids: [userId] }) },
    })),
  );
}
