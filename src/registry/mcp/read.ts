import type { TenantTx } from '../../store/store.ts';
import type { DriftView } from './schemas.ts';

function definitions(tx: TenantTx) {
  return tx.db
    .selectFrom('mcp_definitions as d')
    .innerJoin('tools as t', (join) => join.onRef('t.tenant_id', '=', 'd.tenant_id').onRef('t.id', '=', 'd.tool_id'))
    .where('d.tenant_id', '=', tx.tenantId)
    .where('t.status', '=', 'active')
    .select(['d.tool_id', 'd.list', 'd.remote_name', 'd.definition', 'd.pin', 'd.seen', 'd.seen_pin', 'd.seen_at'])
    .select(['t.name', 't.effect', 't.quarantined_at', 't.connector_id']);
}

export type Known = Awaited<ReturnType<ReturnType<typeof definitions>['executeTakeFirstOrThrow']>>;

/** What was accepted of a connector's server and is in use. */
export function knownOf(tx: TenantTx, connectorId: string): Promise<Known[]> {
  return definitions(tx).where('t.connector_id', '=', connectorId).orderBy('t.id').execute();
}

/** What was accepted as one tool, or undefined where it is no tool of an MCP server. */
export function findKnown(tx: TenantTx, toolId: string): Promise<Known | undefined> {
  return definitions(tx).where('d.tool_id', '=', toolId).executeTakeFirst();
}

/** What other servers of the workspace have accepted resources of: no two may stand for one URI. */
export async function resourcesElsewhere(tx: TenantTx, connectorId: string): Promise<ReadonlySet<string>> {
  const rows = await definitions(tx)
    .where('d.list', '=', 'resources')
    .where('t.connector_id', '<>', connectorId)
    .execute();
  return new Set(
    rows.flatMap(({ definition }) => {
      const { resources = [], templates = [] } = definition as Record<string, Record<string, unknown>[]>;
      return [...resources.map(({ uri }) => String(uri)), ...templates.map(({ uriTemplate }) => String(uriTemplate))];
    }),
  );
}

/** Which of these names tools of the workspace have. */
export async function takenNames(tx: TenantTx): Promise<Set<string>> {
  const rows = await tx.db
    .selectFrom('tools')
    .select('name')
    .where('tenant_id', '=', tx.tenantId)
    .where('status', '=', 'active')
    .execute();
  return new Set(rows.map(({ name }) => name));
}

/** What was accepted as a tool beside what its server says now. */
export function driftOf(known: Known): DriftView {
  return {
    quarantined_at: known.quarantined_at?.toISOString() ?? null,
    accepted: known.definition as Record<string, unknown>,
    pin: known.pin,
    seen: known.seen as Record<string, unknown> | null,
    seen_pin: known.seen_pin,
    seen_at: known.seen_at?.toISOString() ?? null,
  };
}
