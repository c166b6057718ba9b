import type { Verb } from '../../identity/verb.ts';
import { newId } from '../../kernel/ids.ts';
import { findToken } from './read.ts';
import type { CreatedTokenView } from './schemas.ts';
import { newToken } from './token-format.ts';

/** Writes a new token's row. Its audit entry is the calling verb's. */
export async function insertToken(
  { tx, actor }: Verb,
  { clientId, name, expiresAt }: { readonly clientId: string; readonly name: string; readonly expiresAt: Date | null },
): Promise<CreatedTokenView> {
  const { token, prefix, sha256 } = newToken();
  const id = newId('tok');
  await tx.db
    .insertInto('client_tokens')
    .values({
      tenant_id: tx.tenantId,
      id,
      client_id: clientId,
      name,
      prefix,
      token_sha256: sha256,
      created_by: actor.id,
      expires_at: expiresAt,
    })
    .execute();
  return { ...(await findToken(tx, clientId, id))!, token };
}
