import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { connectorSchema } from '../../upstream/shapes.ts';
import { checkConfig, targetProblem } from '../config-check.ts';
import { repinTools } from '../tools/repin.ts';
import { connectorState, findConnector } from './read.ts';
import type { ConnectorView, UpdateConnectorInput } from './schemas.ts';

/**
 * Changes a connector's name or target. The target is part of what approvers sign, so every tool behind it
 * gets a new definition hash, and approvals asked for under the old one can no longer be executed. A new target is
 * judged as that of a new connector.
 */
export function updateConnector(
  ctx: Verb,
  { id, ifVersion, ...input }: UpdateConnectorInput & { readonly id: string; readonly ifVersion?: number | undefined },
  exceptions?: EgressExceptions,
): Promise<ConnectorView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findConnector(tx, id),
    async update(before) {
      if (before.status === 'revoked') return problem('conflict', 'The connector has been revoked.');
      const schema = connectorSchema(before.kind);
      if (schema === undefined) {
        return problem('conflict', `This version has no connectors of the kind ${before.kind}.`);
      }
      const checked = checkConfig('config', schema, input.config ?? before.config);
      if (!checked.ok) return checked.problem;
      const isJudged = exceptions !== undefined && input.config !== undefined;
      const unreachable = isJudged ? targetProblem(before.kind, checked.value, tx.tenantId, exceptions) : undefined;
      if (unreachable) return unreachable;
      const name = input.name ?? before.name;
      if (await isTaken(ctx, name, id)) return problem('conflict', `There is a connector named ${name} already.`);
      const config = JSON.stringify(checked.value);
      return updateVersion(tx, 'connectors', { id, version: ifVersion ?? before.version }, { name, config });
    },
    event: { type: 'connector.updated', kind: 'connector', id, state: connectorState },
    follow: (after) => repinTools(ctx, after!),
  });
}

async function isTaken({ tx }: Verb, name: string, exceptId: string): Promise<boolean> {
  const other = await tx.db
    .selectFrom('connectors')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('name', '=', name)
    .where('id', '<>', exceptId)
    .executeTakeFirst();
  return other !== undefined;
}
