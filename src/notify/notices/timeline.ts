import type { Actor } from '../../kernel/actor.ts';
import { audit } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import type { TimelineView } from './schemas.ts';

/** Notes that a person has an approval before them, the first time they do. */
export async function noteOpened(tx: TenantTx, actor: Actor, approvalId: string): Promise<void> {
  const opened = await tx.db
    .insertInto('approval_opens')
    .values({ tenant_id: tx.tenantId, approval_id: approvalId, user_id: actor.id })
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_id')
    .executeTakeFirst();
  if (opened === undefined) return;
  await audit(tx, {
    event_type: 'approval.opened',
    actor,
    resource: { kind: 'approval', id: approvalId },
    outcome: 'opened',
    data: { approval_id: approvalId },
  });
}

/** Who was told of an approval and who opened it, oldest first. */
export async function readTimeline({ db, tenantId }: TenantTx, approvalId: string): Promise<TimelineView> {
  const told = await db
    .selectFrom('notices as n')
    .leftJoin('auth_users as u', 'u.id', 'n.user_id')
    .select(['n.channel', 'n.stage', 'n.user_id', 'u.name', 'n.status', 'n.error', 'n.created_at', 'n.sent_at'])
    .where('n.tenant_id', '=', tenantId)
    .where('n.about_id', '=', approvalId)
    .orderBy('n.id')
    .limit(1_000)
    .execute();
  const opened = await db
    .selectFrom('approval_opens as o')
    .innerJoin('auth_users as u', 'u.id', 'o.user_id')
    .select(['o.user_id', 'u.name', 'o.opened_at'])
    .where('o.tenant_id', '=', tenantId)
    .where('o.approval_id', '=', approvalId)
    .orderBy('o.opened_at')
    .execute();
  return {
    told: told.map(({ created_at, sent_at, ...row }) => ({ ...row, at: (sent_at ?? created_at).toISOString() })),
    opened: opened.map(({ opened_at, ...row }) => ({ ...row, at: opened_at.toISOString() })),
  };
}
