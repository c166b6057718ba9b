import { sql } from 'kysely';
import { withdrawRequests } from '../../held/withdraw.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { auditAll } from '../../ledger/audit.ts';
import { change } from '../change.ts';
import { revokeInvitationsOf } from '../invitations/revoke.ts';
import type { Verb } from '../verb.ts';
import { findMember } from './read.ts';

/**
 * Takes a person out of the workspace, out of the grants that name them as an approver, and their browsers out of those
 * that show its notices: back again, they start from nothing. The invitations they made end, and what they asked for and
 * waits for approval. What they did stays. The owner cannot be removed.
 */
export async function removeMember(ctx: Verb, { userId }: { readonly userId: string }): Promise<undefined | Problem> {
  const { tx } = ctx;
  const gone = await change(ctx, {
    read: () => findMember(tx, userId),
    async update() {
      const { numDeletedRows } = await tx.db
        .deleteFrom('workspace_members')
        .where('tenant_id', '=', tx.tenantId)
        .where('user_id', '=', userId)
        .where('role', '<>', 'owner')
        .executeTakeFirst();
      if (numDeletedRows === 1n) return undefined;
      return problem('conflict', 'The owner cannot be removed. Transfer the ownership first.');
    },
    event: { type: 'member.removed', kind: 'member', id: userId, state: ({ role }) => ({ role }) },
    async follow() {
      await revokeInvitationsOf(ctx, userId);
      await removeFromGrants(ctx, userId);
      await forgetNotices(ctx, userId);
      await withdrawRequests(ctx, { because: 'member_removed', userId });
    },
  });
  return isRefused(gone) ? gone : undefined;
}

/** `updated_by` stays: it names who chose the policy, and that person may not decide under it. */
async function removeFromGrants({ tx, actor }: Verb, userId: string): Promise<void> {
  const named = sql<boolean>`${userId} = any(approver_user_ids)`;
  const grants = await tx.db
    .updateTable('grants')
    .set({
      approver_user_ids: sql`array_remove(approver_user_ids, ${userId})`,
      version: sql`version + 1`,
      updated_at: tx.at,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where(named)
    .returning(['id', 'approver_user_ids'])
    .execute();
  await auditAll(
    tx,
    grants.map(({ id, approver_user_ids }) => ({
      event_type: 'policy.updated',
      actor,
      resource: { kind: 'grant', id },
      outcome: 'updated',
      before_state: { approver_user_ids: [...approver_user_ids, userId] },
      after_state: { approver_user_ids },
    })),
  );
}

async function forgetNotices({ tx }: Verb, userId: string): Promise<void> {
  for (const table of ['push_subscriptions', 'notice_choices'] as const) {
    await tx.db.deleteFrom(table).where('tenant_id', '=', tx.tenantId).where('user_id', '=', userId).execute();
  }
}
