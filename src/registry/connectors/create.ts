import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { connectorSchema } from '../../upstream/shapes.ts';
import { checkConfig } from '../config-check.ts';
import { connectorState, findConnector } from './read.ts';
import type { ConnectorView, CreateConnectorInput } from './schemas.ts';

/** Authorizes a link to an outside system. Whether its address may be reached is asked at every call. */
export async function createConnector(
  { tx, actor }: Verb,
  input: CreateConnectorInput,
): Promise<ConnectorView | Problem> {
  const checked = checkConfig('config', connectorSchema(input.kind)!, input.config);
  if (!checked.ok) return checked.problem;
  const id = newId('con');
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
  if (inserted === undefined) return problem('conflict', `There is a connector named ${input.name} already.`);
  const connector = (await findConnector(tx, id))!;
  await audit(tx, {
    event_type: 'connector.authorized',
    actor,
    resource: { kind: 'connector', id },
    outcome: 'authorized',
    after_state: connectorState(connector),
  });
  return connector;
}
