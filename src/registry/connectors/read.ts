import { sql } from 'kysely';
import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import { describeConnector } from '../../upstream/shapes.ts';
import { authorizedBy } from '../authorizations/binding.ts';
import { stateOf } from '../authorizations/state.ts';
import type { ConnectorView, ListConnectorsQuery } from './schemas.ts';

function connectors(tx: TenantTx) {
  return tx.db
    .selectFrom('connectors as n')
    .leftJoin('connector_authorizations as a', (join) =>
      join.onRef('a.tenant_id', '=', 'n.tenant_id').onRef('a.connector_id', '=', 'n.id'),
    )
    .where('n.tenant_id', '=', tx.tenantId)
    .select(['n.id', 'n.name', 'n.kind', 'n.config', 'n.status', 'n.created_by', 'n.created_at', 'n.updated_at'])
    .select(['n.version', 'a.binding', 'a.ended', 'a.renewable', 'a.expires_at'])
    .select(
      sql<number>`(select count(*)::int from tools t
        where t.tenant_id = n.tenant_id and t.connector_id = n.id and t.status = 'active')`.as('tool_count'),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof connectors>['executeTakeFirstOrThrow']>>;

function view(
  { tenantId, at }: TenantTx,
  { config, created_at, updated_at, version, binding, ended, renewable, expires_at, ...row }: Row,
): ConnectorView {
  const authorized = row.status === 'active' ? authorizedBy(tenantId, { ...row, config }) : null;
  return {
    ...row,
    config: config as Record<string, unknown>,
    authorization: authorized && stateOf({ binding, ended, renewable, expires_at }, authorized, at),
    target: describeConnector(row.kind, config),
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    version,
  };
}

/** The connectors of the workspace. */
export async function listConnectors(
  tx: TenantTx,
  { status, q, ...page }: ListConnectorsQuery,
): Promise<Page<ConnectorView>> {
  let query = connectors(tx);
  if (status !== undefined) query = query.where('n.status', '=', status);
  if (q !== undefined) query = query.where(contains('n.name', q));
  return pagedList(tx, query, 'n.id', page, (row) => view(tx, row));
}

/** One connector, or undefined when there is none by that id here. */
export async function findConnector(tx: TenantTx, id: string): Promise<ConnectorView | undefined> {
  const row = await connectors(tx).where('n.id', '=', id).executeTakeFirst();
  return row && view(tx, row);
}

/** What an audit entry says of a connector. */
export function connectorState({
  updated_at: _,
  target: __,
  tool_count: ___,
  authorization: ____,
  ...state
}: ConnectorView): object {
  return state;
}
