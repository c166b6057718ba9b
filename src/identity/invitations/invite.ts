import { sql } from 'kysely';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { newLinkToken } from '../links/token.ts';
import type { Verb } from '../verb.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';
import { findInvitation } from './read.ts';
import { INVITATIONS_MAX, type InvitationView, type InviteInput } from './schemas.ts';

/** An invitation, and the token of its link, which exists nowhere else. */
export type Made = { readonly invitation: InvitationView; readonly token: string };

/**
 * Invites an address to the workspace. Only this workspace's members are looked at, so that whether the address has
 * an account elsewhere is not told, neither by the answer nor by its time.
 */
export async function inviteMember({ tx, actor }: Verb, input: InviteInput): Promise<Made | Problem> {
  await lockConfiguration(tx);
  const refused = (await refuseMember(tx, input.email)) ?? (await makeRoom(tx, input.email));
  if (refused) return refused;
  const { token, sha256 } = newLinkToken();
  const id = newId('inv');
  await tx.db
    .insertInto('invitations')
    .values({
      tenant_id: tx.tenantId,
      id,
      email: input.email,
      role: input.role,
      token_sha256: sha256,
      invited_by: actor.id,
      created_at: tx.at,
      expires_at: sql<Date>`now() + make_interval(hours => ${input.expires_in_hours}::int)`,
    })
    .execute();
  const invitation = (await findInvitation(tx, id))!;
  await audit(tx, {
    event_type: 'member.invited',
    actor,
    resource: { kind: 'invitation', id },
    outcome: 'invited',
    after_state: { role: invitation.role, expires_at: invitation.expires_at },
  });
  return { invitation, token };
}

async function refuseMember(tx: Verb['tx'], email: string): Promise<Problem | undefined> {
  const member = await tx.db
    .selectFrom('workspace_members as m')
    .innerJoin('auth_users as u', 'u.id', 'm.user_id')
    .where('m.tenant_id', '=', tx.tenantId)
    .where('u.email', '=', email)
    .select('m.user_id')
    .executeTakeFirst();
  return member && problem('conflict', `${email} is a member already.`);
}

/** One open invitation an address; one whose time is over gives way to the new one. */
async function makeRoom(tx: Verb['tx'], email: string): Promise<Problem | undefined> {
  await tx.db
    .updateTable('invitations')
    .set({ revoked_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '<=', tx.at)
    .execute();
  const open = await tx.db
    .selectFrom('invitations')
    .where('tenant_id', '=', tx.tenantId)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .select(({ fn }) => fn.countAll<string>().as('all'))
    .select(sql<string>`count(*) filter (where email = ${email})`.as('theirs'))
    .executeTakeFirstOrThrow();
  if (Number(open.theirs) > 0) {
    return problem('conflict', `${email} has an open invitation. Make a new link for that one, or take it back first.`);
  }
  if (Number(open.all) >= INVITATIONS_MAX) {
    return problem('conflict', `${INVITATIONS_MAX} invitations are open. Take some back first.`);
  }
  return undefined;
}
