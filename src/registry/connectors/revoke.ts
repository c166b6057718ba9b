import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { connectorState, findConnector } from './read.ts';
import type { ConnectorView } from './schemas.ts';

/** Ends a connector for good. Its tools stay listed, and every call to them is refused. */
export async function revokeConnector(
  { tx, actor }: Verb,
  { id }: { readonly id: string },
): Promise<ConnectorView | Problem> {
  await lockConfiguration(tx);
  const before = await findConnector(tx, id);
  if (before === undefined) return problem('not_found');
  const { numUpdatedRows } = await tx.db
    .updateTable('connectors')
    .set({ status: 'revoked', version: sql`version + 1`, updated_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'authorized')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('conflict', 'The connector has been revoked already.');
  const connector = (await findConnector(tx, id))!;
  await audit(tx, {
    event_type: 'connector.revoked',
    actor,
    resource: { kind: 'connector', id },
    outcome: 'revoked',
    before_state: connectorState(before),
    after_state: connectorState(connector),
  });
  return connector;
}
