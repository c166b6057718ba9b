import { make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { connectorSchema } from '../../upstream/shapes.ts';
import { checkConfig, targetProblem } from '../config-check.ts';
import { connectorState, findConnector } from './read.ts';
import type { ConnectorView, CreateConnectorInput } from './schemas.ts';

/**
 * Authorizes a link to an outside system. One that leads where the egress guard lets nobody is refused when it is
 * entered, if `exceptions` are given; whether its address may be reached is asked again at every call.
 */
export function createConnector(
  ctx: Verb,
  input: CreateConnectorInput,
  exceptions?: EgressExceptions,
): Promise<ConnectorView | Problem> {
  const { tx, actor } = ctx;
  const id = newId('con');
  return make(ctx, {
    read: () => findConnector(tx, id),
    async make() {
      const checked = checkConfig('config', connectorSchema(input.kind)!, input.config);
      if (!checked.ok) return checked.problem;
      const unreachable = exceptions && targetProblem(input.kind, checked.value, tx.tenantId, exceptions);
      if (unreachable) return unreachable;
      const inserted = await tx.db
        .insertInto('connectors')
        .values({
          tenant_id: tx.tenantId,
          id,
          name: input.name,
          kind: input.kind,
          config: JSON.stringify(checked.value),
          created_by: actor.id,
        })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted ? undefined : problem('conflict', `There is a connector named ${input.name} already.`);
    },
    event: { type: 'connector.authorized', kind: 'connector', id, state: connectorState },
  });
}
