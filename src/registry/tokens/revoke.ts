import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { findToken } from './read.ts';
import type { TokenView } from './schemas.ts';

/** Ends a token at once, on every node: no call that has not recorded its intent gets past it. */
export async function revokeToken(
  { tx, actor }: Verb,
  { clientId, id }: { readonly clientId: string; readonly id: string },
): Promise<TokenView | Problem> {
  await lockConfiguration(tx);
  const revoked = await tx.db
    .updateTable('client_tokens')
    .set({ revoked_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('client_id', '=', clientId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('prefix')
    .executeTakeFirst();
  const token = await findToken(tx, clientId, id);
  if (token === undefined) return problem('not_found');
  if (revoked === undefined) return problem('conflict', 'The token has been revoked already.');
  await audit(tx, {
    event_type: 'token.revoked',
    actor,
    resource: { kind: 'token', id },
    outcome: 'revoked',
    before_state: { revoked_at: null },
    after_state: { revoked_at: token.revoked_at },
    data: { client_id: clientId, prefix: revoked.prefix },
  });
  return token;
}
