import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import type { Problem } from '../../kernel/codes.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { urlProblem } from './check-url.ts';
import { cancelPending } from './disable.ts';
import { endpointState, findEndpoint } from './read.ts';
import type { EndpointView, UpdateEndpointInput } from './schemas.ts';

/**
 * Changes an endpoint. One that is disabled hears of nothing and forgets what was on its way; one that is enabled again
 * hears of what happens from then on.
 */
export function updateEndpoint(
  ctx: Verb,
  { id, ifVersion, ...input }: UpdateEndpointInput & { readonly id: string; readonly ifVersion?: number | undefined },
  exceptions: EgressExceptions,
): Promise<EndpointView | Problem> {
  const { tx } = ctx;
  const { status, ...fields } = input;
  return edit(ctx, {
    read: () => findEndpoint(tx, id),
    async update(before) {
      if (Object.values(input).every((value) => value === undefined)) return 'unchanged';
      const refused = input.url === undefined ? undefined : urlProblem(input.url, tx.tenantId, exceptions);
      if (refused) return refused;
      const written = await updateVersion(
        tx,
        'webhook_endpoints',
        { id, version: ifVersion ?? before.version },
        {
          ...fields,
          ...(status === 'disabled' && { status, disabled_because: 'member' }),
          ...(status === 'enabled' && { status, disabled_because: null }),
          ...(status === 'enabled' && before.status === 'disabled' && { enabled_at: tx.at }),
          // What failed at the old address, or before somebody looked after it, says nothing of now.
          ...((status === 'enabled' || input.url !== undefined) && { failing_since: null }),
        },
      );
      if (written) return written;
      if (status === 'disabled') await cancelPending(tx, id);
      return undefined;
    },
    event: {
      type: status === 'disabled' ? 'webhook.disabled' : 'webhook.updated',
      kind: 'webhook',
      id,
      state: endpointState,
    },
  });
}
