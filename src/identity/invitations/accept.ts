import { type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import { transact } from '../../store/transact.ts';
import type { Person } from '../person.ts';
import { refuseSignedOut } from '../standing.ts';
import { insertUser } from '../users.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';
import { type Invited, readInvited, workspaceOfLink } from './read.ts';

/**
 * Who accepts: somebody signed in, who must still be when they join, or somebody new, with the name and the password they
 * chose. The demo's people are not signed in.
 */
export type Accepting =
  | { readonly person: Pick<Person, 'userId' | 'email'> & Partial<Pick<Person, 'sessionId'>>; readonly ip?: string }
  | { readonly name: string; readonly passwordHash: string; readonly ip?: string };

/**
 * Joins a workspace with the link of an invitation, which is used up by it. Only the address that was invited may: an
 * account with it, or a new one.
 */
export async function acceptInvitation(
  store: Store,
  sha256: string,
  by: Accepting,
): Promise<{ tenantId: string; userId: string } | Refusal | Problem> {
  const tenantId = await workspaceOfLink(store, sha256);
  if (tenantId === undefined) return problem('link_invalid');
  return transact(store, tenantId, (tx) => acceptIn(tx, sha256, by));
}

/** {@link acceptInvitation} in an open transaction inside the workspace that the link leads to. */
export async function acceptIn(
  tx: TenantTx,
  sha256: string,
  by: Accepting,
): Promise<{ tenantId: string; userId: string } | Refusal | Problem> {
  await lockConfiguration(tx);
  const sessionId = 'person' in by ? by.person.sessionId : undefined;
  const signedOut = sessionId === undefined ? undefined : await refuseSignedOut(tx.db, sessionId, 'hold');
  if (signedOut) return signedOut;
  const invited = await readInvited(tx, sha256);
  if (invited === undefined) return problem('link_invalid');
  const user = await accountFor(tx, invited, by);
  if ('kind' in user) return user;
  const joined = await join(tx, invited, user.id);
  if (joined) return joined;
  await audit(tx, {
    event_type: 'member.joined',
    actor: { kind: 'member', id: user.id, ...(by.ip && { ip: by.ip }) },
    resource: { kind: 'member', id: user.id },
    outcome: 'joined',
    after_state: { role: invited.role },
    data: { invitation_id: invited.id, new_account: !('person' in by) },
  });
  return { tenantId: tx.tenantId, userId: user.id };
}

async function accountFor(tx: TenantTx, { email }: Invited, by: Accepting): Promise<{ id: string } | Problem> {
  if ('person' in by) {
    if (by.person.email === email) return { id: by.person.userId };
    return problem('conflict', `This invitation is for ${email}. Sign in with that address to accept it.`);
  }
  const made = await insertUser(tx.db, { email, name: by.name, passwordHash: by.passwordHash });
  return made ?? problem('conflict', `${email} has an account already. Sign in with its password to accept.`);
}

async function join(tx: TenantTx, { id, role }: Invited, userId: string): Promise<Problem | undefined> {
  const member = await tx.db
    .insertInto('workspace_members')
    .values({ tenant_id: tx.tenantId, user_id: userId, role })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doNothing())
    .returning('user_id')
    .executeTakeFirst();
  if (member === undefined) return problem('conflict', 'You are a member of this workspace already.');
  await tx.db
    .updateTable('invitations')
    .set({ accepted_at: tx.at, accepted_by: userId })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute();
  return undefined;
}
