import type { Verb } from '../../identity/verb.ts';
import type { NewToken } from './token-format.ts';

type Given = {
  readonly id: string;
  readonly clientId: string;
  readonly name: string;
  readonly expiresAt: Date | null;
};

/** Writes a new token's row. Its audit entry is the calling verb's. */
export async function insertToken(
  { tx, actor }: Verb,
  { id, clientId, name, expiresAt }: Given,
  { prefix, sha256 }: NewToken,
): Promise<void> {
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
}
