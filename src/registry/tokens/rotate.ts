import { sql } from 'kysely';
import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { expiryOf } from './expiry.ts';
import { insertToken } from './insert.ts';
import { findToken } from './read.ts';
import type { CreatedTokenView, RotateTokenInput, TokenView } from './schemas.ts';
import { newToken } from './token-format.ts';

/**
 * Replaces a token by a new one with the same name, which has the labels of what the old one has read. The old one works for `overlap_seconds` more, or until
 * its own end if that is sooner. Unless told otherwise, the new one lives as long as the old one was given.
 */
export async function rotateToken(
  ctx: Verb,
  { clientId, id, ...input }: RotateTokenInput & { readonly clientId: string; readonly id: string },
): Promise<CreatedTokenView | Problem> {
  const { tx } = ctx;
  const secret = newToken();
  const newTokenId = newId('tok');
  let created: TokenView | undefined;
  const old = await edit(ctx, {
    read: () => findToken(tx, clientId, id),
    async update(before) {
      const { status, rotated_to, name } = before;
      if (status !== 'active') return problem('conflict', `The token is ${status}. Create a new one.`);
      if (rotated_to !== null) return problem('conflict', `The token has been rotated already, to ${rotated_to}.`);
      const asked = expiryOf(tx.at, input);
      if (isRefused(asked)) return asked;
      const expiresAt = asked ?? sameLifetime(tx.at, before);
      await insertToken(ctx, { id: newTokenId, clientId, name, expiresAt }, secret);
      await tx.db
        .updateTable('client_tokens')
        .set({
          rotated_to: newTokenId,
          expires_at: sql`least(expires_at, now() + make_interval(secs => ${input.overlap_seconds}))`,
        })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .where('rotated_to', 'is', null)
        .executeTakeFirstOrThrow();
      await handOnLabels(ctx, { clientId, from: id, to: newTokenId });
      created = await findToken(tx, clientId, newTokenId);
      return undefined;
    },
    event: {
      type: 'token.rotated',
      kind: 'token',
      id,
      state: ({ expires_at, rotated_to }) => ({ expires_at, rotated_to }),
      data: () => ({ client_id: clientId, prefix: secret.prefix, expires_at: created!.expires_at }),
    },
  });
  return isRefused(old) ? old : { ...created!, token: secret.token };
}

/** What a token does is one run (0015_runs.sql): whoever goes on with another token has read what it has read. */
async function handOnLabels(
  { tx }: Verb,
  { clientId, from, to }: { readonly clientId: string; readonly from: string; readonly to: string },
): Promise<void> {
  await sql`
    insert into run_labels (tenant_id, principal_id, run, labels, labelled_at)
    select tenant_id, principal_id, ${`open:${to}`}::text, labels, labelled_at from run_labels
    where tenant_id = ${tx.tenantId} and principal_id = ${clientId} and run = ${`open:${from}`}`.execute(tx.db);
}

function sameLifetime(at: Date, { created_at, expires_at }: TokenView): Date | null {
  if (expires_at === null) return null;
  return new Date(at.getTime() + Date.parse(expires_at) - Date.parse(created_at));
}
