import { withdrawRequests } from '../../held/withdraw.ts';
import { change } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem } from '../../kernel/codes.ts';
import { findGrant, grantState } from './read.ts';

/** Takes a grant back. What waits for approval under it ends; what was approved under it can no longer be executed. */
export async function removeGrant(
  ctx: Verb,
  { clientId, id }: { readonly clientId: string; readonly id: string },
): Promise<undefined | Problem> {
  const { tx } = ctx;
  const gone = await change(ctx, {
    read: () => findGrant(tx, clientId, id),
    async update() {
      await tx.db.deleteFrom('grants').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute();
      return undefined;
    },
    event: { type: 'policy.updated', kind: 'grant', id, outcome: 'removed', state: grantState },
    follow: (_, { tool_id }) => withdrawRequests(ctx, { because: 'grant_removed', clientId, toolId: tool_id }),
  });
  return isRefused(gone) ? gone : undefined;
}
