import { change } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { dropKept } from '../secrets.ts';
import { dropQueue } from './queue.ts';
import { endpointState, findEndpoint } from './read.ts';

/** Deletes an endpoint with its secret. Its deliveries are removed bit by bit (`prune.ts`): there may be very many. */
export async function removeEndpoint(
  ctx: Verb,
  { id, ifVersion }: { readonly id: string; readonly ifVersion?: number | undefined },
): Promise<undefined | Problem> {
  const { tx } = ctx;
  const gone = await change(ctx, {
    read: () => findEndpoint(tx, id),
    async update({ version }) {
      if (ifVersion !== undefined && ifVersion !== version) return problem('version_mismatch');
      await dropKept(tx, id);
      await dropQueue(tx, id);
      await tx.db.deleteFrom('webhook_endpoints').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute();
      return undefined;
    },
    event: { type: 'webhook.deleted', kind: 'webhook', id, state: endpointState },
  });
  return isRefused(gone) ? gone : undefined;
}
