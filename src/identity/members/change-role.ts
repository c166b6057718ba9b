import { type Problem, problem } from '../../kernel/codes.ts';
import { edit } from '../change.ts';
import { revokeInvitationsOf } from '../invitations/revoke.ts';
import { may } from '../permissions.ts';
import type { Verb } from '../verb.ts';
import { findMember } from './read.ts';
import type { MemberView } from './schemas.ts';

/** Gives a member another role. The owner's is only changed by `transferOwner`. */
export function changeRole(
  ctx: Verb,
  { userId, role }: { readonly userId: string; readonly role: 'admin' | 'member' | 'viewer' },
): Promise<MemberView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findMember(tx, userId),
    async update(before) {
      if (before.role === role) return 'unchanged';
      const { numUpdatedRows } = await tx.db
        .updateTable('workspace_members')
        .set({ role })
        .where('tenant_id', '=', tx.tenantId)
        .where('user_id', '=', userId)
        .where('role', '<>', 'owner')
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return undefined;
      return problem('conflict', "The owner's role changes only when they transfer the ownership.");
    },
    event: { type: 'member.role_changed', kind: 'member', id: userId, outcome: 'changed', state: roleOf },
    // Who may not invite any more has nobody invited.
    follow: async () => may(role, 'members.manage') || revokeInvitationsOf(ctx, userId),
  });
}

function roleOf({ role }: MemberView): Pick<MemberView, 'role'> {
  return { role };
}
