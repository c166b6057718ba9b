import { SYSTEM } from '../../kernel/actor.ts';
import { audit } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import type { NotSent } from '../channels/not-sent.ts';
import type { Parcel } from './parcel.ts';

/** A notice that was not taken is tried again after so many seconds, and then given up. */
const RETRY_SECONDS = [10, 60, 300, 900];

/** Writes down what became of a notice. One of an approval that was taken stands in the audit log: who was told, and how. */
export async function recordNotice(tx: TenantTx, parcel: Parcel, end: 'dropped' | NotSent | undefined): Promise<void> {
  const { id, about, stage, channel, userId, attempts } = parcel;
  const wait = RETRY_SECONDS[attempts];
  const isSent = end === undefined;
  const isAgain = typeof end === 'object' && !end.isFinal && wait !== undefined;
  const written = await tx.db
    .updateTable('notices')
    .set({
      status: isSent ? 'sent' : end === 'dropped' ? 'dropped' : isAgain ? 'pending' : 'failed',
      attempts: attempts + 1,
      error: typeof end === 'object' ? end.message.slice(0, 500) : null,
      ...(isSent && { sent_at: tx.at }),
      ...(isAgain && { next_attempt_at: new Date(tx.at.getTime() + wait * 1000) }),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .returning('id')
    .executeTakeFirst();
  if (!isSent || written === undefined || about.kind !== 'approval') return;
  await audit(tx, {
    event_type: 'approval.notified',
    actor: SYSTEM,
    resource: about,
    outcome: 'sent',
    data: { approval_id: about.id, stage, channel, ...(userId !== null && { user_ids: [userId] }) },
  });
}
