import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { expiryOf } from './expiry.ts';
import { insertToken } from './insert.ts';
import { findToken } from './read.ts';
import type { CreatedTokenView, RotateTokenInput, TokenView } from './schemas.ts';

/**
 * Replaces a token by a new one with the same name. The old one works for `overlap_seconds` more, or until
 * its own end if that is sooner. Unless told otherwise, the new one lives as long as the old one was given.
 */
export async function rotateToken(
  { tx, actor }: Verb,
  { clientId, id, ...input }: RotateTokenInput & { readonly clientId: string; readonly id: string },
): Promise<CreatedTokenView | Problem> {
  await lockConfiguration(tx);
  const old = await findToken(tx, clientId, id);
  if (old === undefined) return problem('not_found');
  if (old.status !== 'active') return problem('conflict', `The token is ${old.status}. Create a new one.`);
  if (old.rotated_to !== null) return problem('conflict', `The token has been rotated already, to ${old.rotated_to}.`);
  const asked = expiryOf(tx.at, input);
  if (isRefused(asked)) return asked;
  const created = await insertToken(
    { tx, actor },
    { clientId, name: old.name, expiresAt: asked ?? sameLifetime(tx.at, old) },
  );
  const ended = await tx.db
    .updateTable('client_tokens')
    .set({
      rotated_to: created.id,
      expires_at: sql`least(expires_at, now() + make_interval(secs => ${input.overlap_seconds}))`,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('rotated_to', 'is', null)
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  await audit(tx, {
    event_type: 'token.rotated',
    actor,
    resource: { kind: 'token', id },
    outcome: 'rotated',
    before_state: { expires_at: old.expires_at },
    after_state: { expires_at: ended.expires_at?.toISOString(), rotated_to: created.id },
    data: { client_id: clientId, prefix: created.prefix, expires_at: created.expires_at },
  });
  return created;
}

function sameLifetime(at: Date, { created_at, expires_at }: TokenView): Date | null {
  if (expires_at === null) return null;
  return new Date(at.getTime() + Date.parse(expires_at) - Date.parse(created_at));
}
