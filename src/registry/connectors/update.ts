import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { connectorSchema } from '../../upstream/shapes.ts';
import { checkConfig } from '../config-check.ts';
import { repinTools } from '../tools/repin.ts';
import { connectorState, findConnector } from './read.ts';
import type { ConnectorView, UpdateConnectorInput } from './schemas.ts';

/**
 * Changes a connector's name or target. The target is part of what approvers sign, so every tool behind it
 * gets a new definition hash, and approvals asked for under the old one can no longer be executed.
 */
export async function updateConnector(
  { tx, actor }: Verb,
  { id, ifVersion, ...input }: UpdateConnectorInput & { readonly id: string; readonly ifVersion?: number | undefined },
): Promise<ConnectorView | Problem> {
  await lockConfiguration(tx);
  const before = await findConnector(tx, id);
  if (before === undefined) return problem('not_found');
  if (before.status === 'revoked') return problem('conflict', 'The connector has been revoked.');
  const schema = connectorSchema(before.kind);
  if (schema === undefined) return problem('conflict', `This version has no connectors of the kind ${before.kind}.`);
  const checked = checkConfig('config', schema, input.config ?? before.config);
  if (!checked.ok) return checked.problem;
  const name = input.name ?? before.name;
  if (await isTaken({ tx, actor }, name, id)) return problem('conflict', `There is a connector named ${name} already.`);
  const { numUpdatedRows } = await tx.db
    .updateTable('connectors')
    .set({ name, config: JSON.stringify(checked.value), version: sql`version + 1`, updated_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'authorized')
    .where('version', '=', ifVersion ?? before.version)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('version_mismatch');
  const connector = (await findConnector(tx, id))!;
  await audit(tx, {
    event_type: 'connector.updated',
    actor,
    resource: { kind: 'connector', id },
    outcome: 'updated',
    before_state: connectorState(before),
    after_state: connectorState(connector),
  });
  await repinTools({ tx, actor }, connector);
  return connector;
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
