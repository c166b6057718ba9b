import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { clientState, findClient } from './read.ts';
import type { ClientView } from './schemas.ts';

/**
 * Ends a client for good, and all its tokens with it. Its open approvals stay in the inbox until they expire,
 * but none can be executed: consuming one asks again who is calling.
 */
export async function revokeClient(
  { tx, actor }: Verb,
  { id }: { readonly id: string },
): Promise<ClientView | Problem> {
  await lockConfiguration(tx);
  const before = await findClient(tx, id);
  const revoked = await tx.db
    .updateTable('integration_clients')
    .set({ status: 'revoked', revoked_at: tx.at, version: sql`version + 1`, updated_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'active')
    .returning('id')
    .executeTakeFirst();
  if (before === undefined) return problem('not_found');
  if (revoked === undefined) return problem('conflict', 'The client has been revoked already.');
  const tokens = await tx.db
    .updateTable('client_tokens')
    .set({ revoked_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('client_id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute();
  const client = (await findClient(tx, id))!;
  await audit(tx, {
    event_type: 'client.revoked',
    actor,
    resource: { kind: 'client', id },
    outcome: 'revoked',
    before_state: clientState(before),
    after_state: clientState(client),
    data: { token_ids: tokens.map((token) => token.id) },
  });
  return client;
}
