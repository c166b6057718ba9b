import { deny, type Refusal } from '../../kernel/codes.ts';
import type { TenantTx } from '../../store/store.ts';

/**
 * Why a client's token no longer counts in this transaction, or undefined. With `hold`, whoever revokes the token or
 * its client meanwhile waits for the transaction, so what it does is done before that, or not at all.
 */
export async function refuseToken(tx: TenantTx, tokenId: string, hold: boolean): Promise<Refusal | undefined> {
  let query = tx.db
    .selectFrom('client_tokens as k')
    .innerJoin('integration_clients as c', (join) =>
      join.onRef('c.tenant_id', '=', 'k.tenant_id').onRef('c.id', '=', 'k.client_id'),
    )
    .where('k.tenant_id', '=', tx.tenantId)
    .where('k.id', '=', tokenId)
    .where('k.revoked_at', 'is', null)
    .where('c.status', '=', 'active')
    .select('k.expires_at');
  if (hold) query = query.forShare(['k', 'c']);
  const found = await query.executeTakeFirst();
  if (found === undefined) return deny('unauthenticated');
  return found.expires_at !== null && found.expires_at <= tx.at ? deny('token_expired') : undefined;
}
