import { withdrawRequests } from '../../held/withdraw.ts';
import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { clientState, findClient } from './read.ts';
import type { ClientView } from './schemas.ts';

/** Ends a client for good, and with it all its tokens and every request of its that waits for approval. */
export function revokeClient(ctx: Verb, { id }: { readonly id: string }): Promise<ClientView | Problem> {
  const { tx } = ctx;
  let token_ids: string[] = [];
  return edit(ctx, {
    read: () => findClient(tx, id),
    async update({ status, version }) {
      if (status === 'revoked') return problem('conflict', 'The client has been revoked already.');
      const tokens = await tx.db
        .updateTable('client_tokens')
        .set({ revoked_at: tx.at })
        .where('tenant_id', '=', tx.tenantId)
        .where('client_id', '=', id)
        .where('revoked_at', 'is', null)
        .returning('id')
        .execute();
      token_ids = tokens.map((token) => token.id);
      return updateVersion(tx, 'integration_clients', { id, version }, { status: 'revoked', revoked_at: tx.at });
    },
    event: { type: 'client.revoked', kind: 'client', id, state: clientState, data: () => ({ token_ids }) },
    follow: () => withdrawRequests(ctx, { because: 'client_revoked', clientId: id }),
  });
}
