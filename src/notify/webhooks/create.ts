import { make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import type { Id } from '../../kernel/ids.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { writeKept } from '../secrets.ts';
import { urlProblem } from './check-url.ts';
import { endpointState, findEndpoint } from './read.ts';
import { type CreateEndpointInput, ENDPOINTS_MAX, type EndpointView } from './schemas.ts';

/** Makes an endpoint, whose secret was sealed for `id`. It is told of what happens from now on. */
export function createEndpoint(
  ctx: Verb,
  { id, sealed, ...input }: CreateEndpointInput & { readonly id: Id<'whk'>; readonly sealed: string },
  exceptions: EgressExceptions,
): Promise<EndpointView | Problem> {
  const { tx, actor } = ctx;
  return make(ctx, {
    read: () => findEndpoint(tx, id),
    async make() {
      const refused = urlProblem(input.url, tx.tenantId, exceptions);
      if (refused) return refused;
      const { count } = await tx.db
        .selectFrom('webhook_endpoints')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .where('tenant_id', '=', tx.tenantId)
        .executeTakeFirstOrThrow();
      if (Number(count) >= ENDPOINTS_MAX)
        return problem('conflict', `A workspace has at most ${ENDPOINTS_MAX} webhooks.`);
      const row = { tenant_id: tx.tenantId, id, ...input, created_by: actor.id };
      await tx.db.insertInto('webhook_endpoints').values(row).execute();
      await writeKept(tx, { secret_id: id, number: 1, sealed }, tx.at);
      return undefined;
    },
    event: { type: 'webhook.created', kind: 'webhook', id, state: endpointState },
  });
}
