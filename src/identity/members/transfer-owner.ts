import { type Problem, problem } from '../../kernel/codes.ts';
import type { Role } from '../../store/tables.ts';
import { edit } from '../change.ts';
import type { Verb } from '../verb.ts';
import { findMember } from './read.ts';
import type { MemberView } from './schemas.ts';

/** Makes another member the owner, and the present one an admin, both or neither. Only the owner may. */
export function transferOwner(ctx: Verb, { userId }: { readonly userId: string }): Promise<MemberView | Problem> {
  const { tx, actor } = ctx;
  return edit(ctx, {
    read: () => findMember(tx, userId),
    async update(heir) {
      if (heir.id === actor.id) return problem('conflict', 'You are the owner already.');
      // A unique index allows one owner, so the present one steps back first.
      const steppedBack = await setRole(ctx, actor.id, 'admin', 'owner');
      if (!steppedBack) return problem('conflict', 'You are not the owner any more.');
      await setRole(ctx, heir.id, 'owner', heir.role);
      return undefined;
    },
    event: {
      type: 'owner.transferred',
      kind: 'member',
      id: userId,
      state: ({ id, role }) => ({ owner_user_id: role === 'owner' ? id : actor.id, role }),
    },
  });
}

async function setRole({ tx }: Verb, userId: string, role: Role, from: Role): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('workspace_members')
    .set({ role })
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .where('role', '=', from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
