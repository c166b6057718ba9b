import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { findClient } from '../clients/read.ts';
import { expiryOf } from './expiry.ts';
import { insertToken } from './insert.ts';
import type { CreatedTokenView, CreateTokenInput } from './schemas.ts';

/** Makes a token for a client. The answer is the only place that ever holds it. */
export async function createToken(
  { tx, actor }: Verb,
  { clientId, ...input }: CreateTokenInput & { readonly clientId: string },
): Promise<CreatedTokenView | Problem> {
  await lockConfiguration(tx);
  const client = await findClient(tx, clientId);
  if (client === undefined) return problem('not_found');
  if (client.status === 'revoked') return problem('conflict', 'The client has been revoked.');
  const expiresAt = expiryOf(tx.at, input);
  if (isRefused(expiresAt)) return expiresAt;
  const created = await insertToken({ tx, actor }, { clientId, name: input.name, expiresAt });
  await audit(tx, {
    event_type: 'token.created',
    actor,
    resource: { kind: 'token', id: created.id },
    outcome: 'created',
    data: { client_id: clientId, prefix: created.prefix, expires_at: created.expires_at },
  });
  return created;
}
