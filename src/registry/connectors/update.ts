import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { configClash, connectorSchema, hostOfConnector } from '../../upstream/shapes.ts';
import { checkConfig, fieldProblem, targetProblem } from '../config-check.ts';
import { checkNamed } from '../secrets/check-named.ts';
import { toolsOfConnector } from '../tools/read.ts';
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
      const misfit = await unfitTool(ctx, id, before, checked.value);
      if (misfit) return misfit;
      const name = input.name ?? before.name;
      if (await isTaken(ctx, name, id)) return problem('conflict', `There is a connector named ${name} already.`);
      const config = JSON.stringify(checked.value);
      return updateVersion(tx, 'connectors', { id, version: ifVersion ?? before.version }, { name, config });
    },
    event: { type: 'connector.updated', kind: 'connector', id, state: connectorState },
    follow: (after) => repinTools(ctx, after!),
  });
}

/**
 * What does not go together: a secret that is not bound to where the connector would lead, named by it or by a tool behind
 * it, or a tool whose argument would have its place taken.
 */
async function unfitTool(
  { tx }: Verb,
  id: string,
  { kind, config: before }: ConnectorView,
  config: object,
): Promise<Problem | undefined> {
  const connector = { kind, config };
  const unbound = await checkNamed(tx, connector, [{ field: 'config', config }]);
  if (unbound) return unbound;
  const isMoved = hostOfConnector(kind, config) !== hostOfConnector(kind, before);
  for (const { name, status, handler_kind, handler_config } of await toolsOfConnector(tx, id)) {
    if (status !== 'active') continue;
    const clash = configClash(handler_kind, handler_config, connector);
    // One that was there before is no matter of this change.
    if (clash && !configClash(handler_kind, handler_config, { kind, config: before })) {
      const field = clash.member === 'query' ? 'config.query' : 'config.headers';
      return fieldProblem(field, `the tool ${name} has an argument there: ${clash.message}`);
    }
    const ofTool = isMoved ? await checkNamed(tx, connector, [{ field: name, config: handler_config }]) : undefined;
    if (ofTool) return fieldProblem('config.base_url', `of the tool ${ofTool.detail}`);
  }
  return undefined;
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
