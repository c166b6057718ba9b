import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { revokeInvitationsOf } from '../invitations/revoke.ts';
import { may } from '../permissions.ts';
import type { Verb } from '../verb.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';
import { findMember } from './read.ts';
import type { MemberView } from './schemas.ts';

/** Gives a member another role. The owner's is only changed by `transferOwner`. */
export async function changeRole(
  { tx, actor }: Verb,
  input: { readonly userId: string; readonly role: 'admin' | 'member' | 'viewer' },
): Promise<MemberView | Problem> {
  await lockConfiguration(tx);
  const before = await findMember(tx, input.userId);
  if (before === undefined) return problem('not_found');
  if (before.role === input.role) return before;
  const changed = await tx.db
    .updateTable('workspace_members')
    .set({ role: input.role })
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', input.userId)
    .where('role', '<>', 'owner')
    .returning('role')
    .executeTakeFirst();
  if (changed === undefined)
    return problem('conflict', "The owner's role changes only when they transfer the ownership.");
  await audit(tx, {
    event_type: 'member.role_changed',
    actor,
    resource: { kind: 'member', id: before.id },
    outcome: 'changed',
    before_state: { role: before.role },
    after_state: { role: changed.role },
  });
  // Who may not invite any more has nobody invited.
  if (!may(changed.role, 'members.manage')) await revokeInvitationsOf({ tx, actor }, before.id);
  return { ...before, role: changed.role };
}
