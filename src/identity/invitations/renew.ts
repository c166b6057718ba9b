import { sql } from 'kysely';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { newLinkToken } from '../links/token.ts';
import type { Verb } from '../verb.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';
import type { Made } from './invite.ts';
import { findInvitation } from './read.ts';
import { INVITATION_HOURS } from './schemas.ts';

/** Makes a new link for an open invitation, as good as a first one. The old link is dead. */
export async function renewInvitation({ tx, actor }: Verb, input: { readonly id: string }): Promise<Made | Problem> {
  await lockConfiguration(tx);
  const { token, sha256 } = newLinkToken();
  const { numUpdatedRows } = await tx.db
    .updateTable('invitations')
    .set({
      token_sha256: sha256,
      invited_by: actor.id,
      expires_at: sql<Date>`now() + make_interval(hours => ${INVITATION_HOURS}::int)`,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', input.id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('conflict', 'This invitation was accepted or taken back.');
  const invitation = (await findInvitation(tx, input.id))!;
  await audit(tx, {
    event_type: 'member.invitation_renewed',
    actor,
    resource: { kind: 'invitation', id: input.id },
    outcome: 'renewed',
    after_state: { role: invitation.role, expires_at: invitation.expires_at },
  });
  return { invitation, token };
}
