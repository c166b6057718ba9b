import { change } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { findSecret, secretState } from './read.ts';

/** Deletes a secret with its versions. What names it is refused from the next call on, and says so. */
export async function removeSecret(
  ctx: Verb,
  { id, ifVersion }: { readonly id: string; readonly ifVersion?: number | undefined },
): Promise<undefined | Problem> {
  const { tx } = ctx;
  const gone = await change(ctx, {
    read: () => findSecret(tx, id),
    async update({ version }) {
      if (ifVersion !== undefined && ifVersion !== version) return problem('version_mismatch');
      await tx.db.deleteFrom('secrets').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute();
      return undefined;
    },
    event: { type: 'secret.deleted', kind: 'secret', id, state: secretState },
  });
  return isRefused(gone) ? gone : undefined;
}
