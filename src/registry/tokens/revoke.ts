import { withdrawRequests } from '../../held/withdraw.ts';
import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { findToken } from './read.ts';
import type { TokenView } from './schemas.ts';

/**
 * Ends a token at once, on every node: no call that has not recorded its intent gets past it. What was asked for with
 * it and waits for approval ends, too; a token that merely runs out ends nothing.
 */
export function revokeToken(
  ctx: Verb,
  { clientId, id }: { readonly clientId: string; readonly id: string },
): Promise<TokenView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findToken(tx, clientId, id),
    async update() {
      const { numUpdatedRows } = await tx.db
        .updateTable('client_tokens')
        .set({ revoked_at: tx.at })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows === 0n ? problem('conflict', 'The token has been revoked already.') : undefined;
    },
    event: {
      type: 'token.revoked',
      kind: 'token',
      id,
      state: ({ revoked_at }) => ({ revoked_at }),
      data: ({ prefix }) => ({ client_id: clientId, prefix }),
    },
    follow: () => withdrawRequests(ctx, { because: 'token_revoked', tokenId: id }),
  });
}
