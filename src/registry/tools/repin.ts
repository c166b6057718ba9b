import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { type AuditEvent, auditAll } from '../../ledger/audit.ts';
import type { ConnectorView } from '../connectors/schemas.ts';
import { pin } from './definition.ts';
import { toolsOfConnector } from './read.ts';

/** Gives every tool behind a changed connector its new definition hash, where that has moved. */
export async function repinTools({ tx, actor }: Verb, connector: ConnectorView): Promise<void> {
  const events: AuditEvent[] = [];
  for (const tool of await toolsOfConnector(tx, connector.id)) {
    const definition_sha256 = pin(tool, connector);
    if (definition_sha256 === tool.definition_sha256) continue;
    await tx.db
      .updateTable('tools')
      .set({ definition_sha256, version: sql`version + 1`, updated_at: tx.at })
      .where('tenant_id', '=', tx.tenantId)
      .where('id', '=', tool.id)
      .execute();
    events.push({
      event_type: 'tool.updated',
      actor,
      resource: { kind: 'tool', id: tool.id },
      outcome: 'updated',
      before_state: { definition_sha256: tool.definition_sha256 },
      after_state: { definition_sha256 },
      data: { connector_id: connector.id },
    });
  }
  await auditAll(tx, events);
}
