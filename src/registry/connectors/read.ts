import type { Page } from '../../kernel/page.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import { describeConnector } from '../../upstream/shapes.ts';
import type { ConnectorView, ListConnectorsQuery } from './schemas.ts';

function connectors(tx: TenantTx) {
  return tx.db
    .selectFrom('connectors')
    .where('tenant_id', '=', tx.tenantId)
    .select(['id', 'name', 'kind', 'config', 'status', 'created_by', 'created_at', 'updated_at', 'version']);
}

type Row = Awaited<ReturnType<ReturnType<typeof connectors>['executeTakeFirstOrThrow']>>;

function view({ config, created_at, updated_at, version, ...row }: Row): ConnectorView {
  return {
    ...row,
    config: config as Record<string, unknown>,
    target: describeConnector(row.kind, config),
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    version,
  };
}

/** The connectors of the workspace. */
export async function listConnectors(
  tx: TenantTx,
  { status, ...page }: ListConnectorsQuery,
): Promise<Page<ConnectorView>> {
  let query = connectors(tx);
  if (status !== undefined) query = query.where('status', '=', status);
  return pagedList(query, 'id', page, view);
}

/** One connector, or undefined when there is none by that id here. */
export async function findConnector(tx: TenantTx, id: string): Promise<ConnectorView | undefined> {
  const row = await connectors(tx).where('id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** What an audit entry says of a connector. */
export function connectorState({ updated_at: _, target: __, ...state }: ConnectorView): object {
  return state;
}
