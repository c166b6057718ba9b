import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import type { Verb } from '../verb.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';

/** Takes an open invitation back: its link is dead. */
export async function revokeInvitation(verb: Verb, input: { readonly id: string }): Promise<undefined | Problem> {
  await lockConfiguration(verb.tx);
  const revoked = await revoke(verb, 'id', input.id);
  return revoked === 0 ? problem('conflict', 'This invitation was accepted or taken back already.') : undefined;
}

/** Ends the open invitations of somebody who may not invite any more. The caller holds the configuration's lock. */
export async function revokeInvitationsOf(verb: Verb, userId: string): Promise<void> {
  await revoke(verb, 'invited_by', userId);
}

async function revoke({ tx, actor }: Verb, by: 'id' | 'invited_by', value: string): Promise<number> {
  const revoked = await tx.db
    .updateTable('invitations')
    .set({ revoked_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where(by, '=', value)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .returning(['id', 'role'])
    .execute();
  for (const { id, role } of revoked) {
    await audit(tx, {
      event_type: 'member.invitation_revoked',
      actor,
      resource: { kind: 'invitation', id },
      outcome: 'revoked',
      before_state: { role },
    });
  }
  return revoked.length;
}
