import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import type { Role } from '../../store/tables.ts';
import type { Verb } from '../verb.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';
import { findMember } from './read.ts';
import type { MemberView } from './schemas.ts';

/** Makes another member the owner, and the present one an admin, both or neither. Only the owner may. */
export async function transferOwner(
  { tx, actor }: Verb,
  input: { readonly userId: string },
): Promise<MemberView | Problem> {
  await lockConfiguration(tx);
  const heir = await findMember(tx, input.userId);
  if (heir === undefined) return problem('not_found', 'That person is not a member of this workspace.');
  if (heir.id === actor.id) return problem('conflict', 'You are the owner already.');
  // A unique index allows one owner, so the present one steps back first.
  const steppedBack = await setRole({ tx, actor }, actor.id, 'admin', 'owner');
  if (!steppedBack) return problem('conflict', 'You are not the owner any more.');
  await setRole({ tx, actor }, heir.id, 'owner', heir.role);
  await audit(tx, {
    event_type: 'owner.transferred',
    actor,
    resource: { kind: 'member', id: heir.id },
    outcome: 'transferred',
    before_state: { owner_user_id: actor.id, role: heir.role },
    after_state: { owner_user_id: heir.id, role: 'owner' },
  });
  return { ...heir, role: 'owner' };
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
