import { sql } from 'kysely';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { revokeInvitationsOf } from '../invitations/revoke.ts';
import type { Verb } from '../verb.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';
import { findMember } from './read.ts';

/**
 * Takes a person out of the workspace, and out of the grants that name them as an approver: back again, they start
 * from nothing. The invitations they made end. What they did stays. The owner cannot be removed.
 */
export async function removeMember(
  { tx, actor }: Verb,
  input: { readonly userId: string },
): Promise<undefined | Problem> {
  await lockConfiguration(tx);
  const removed = await tx.db
    .deleteFrom('workspace_members')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', input.userId)
    .where('role', '<>', 'owner')
    .returning('role')
    .executeTakeFirst();
  if (removed === undefined) {
    const isMember = (await findMember(tx, input.userId)) !== undefined;
    return isMember
      ? problem('conflict', 'The owner cannot be removed. Transfer the ownership first.')
      : problem('not_found');
  }
  await audit(tx, {
    event_type: 'member.removed',
    actor,
    resource: { kind: 'member', id: input.userId },
    outcome: 'removed',
    before_state: { role: removed.role },
  });
  await revokeInvitationsOf({ tx, actor }, input.userId);
  await removeFromGrants({ tx, actor }, input.userId);
  return undefined;
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
  for (const { id, approver_user_ids } of grants) {
    await audit(tx, {
      event_type: 'policy.updated',
      actor,
      resource: { kind: 'grant', id },
      outcome: 'updated',
      before_state: { approver_user_ids: [...approver_user_ids, userId] },
      after_state: { approver_user_ids },
    });
  }
}
