import { make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { findClient } from '../clients/read.ts';
import { expiryOf } from './expiry.ts';
import { insertToken } from './insert.ts';
import { findToken } from './read.ts';
import type { CreatedTokenView, CreateTokenInput } from './schemas.ts';
import { newToken } from './token-format.ts';

/** Makes a token for a client. The answer is the only place that ever holds it. */
export async function createToken(
  ctx: Verb,
  { clientId, ...input }: CreateTokenInput & { readonly clientId: string },
): Promise<CreatedTokenView | Problem> {
  const { tx } = ctx;
  const id = newId('tok');
  const secret = newToken();
  const created = await make(ctx, {
    read: () => findToken(tx, clientId, id),
    async make() {
      const client = await findClient(tx, clientId);
      if (client === undefined) return problem('not_found');
      if (client.status === 'revoked') return problem('conflict', 'The client has been revoked.');
      const expiresAt = expiryOf(tx.at, input);
      if (isRefused(expiresAt)) return expiresAt;
      await insertToken(ctx, { id, clientId, name: input.name, expiresAt }, secret);
      return undefined;
    },
    event: {
      type: 'token.created',
      kind: 'token',
      id,
      data: ({ prefix, expires_at }) => ({ client_id: clientId, prefix, expires_at }),
    },
  });
  return isRefused(created) ? created : { ...created, token: secret.token };
}
