import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import { describeCall } from '../../upstream/shapes.ts';
import type { ListToolsQuery, ToolView } from './schemas.ts';

function tools(tx: TenantTx) {
  return tx.db
    .selectFrom('tools')
    .where('tenant_id', '=', tx.tenantId)
    .select(['id', 'name', 'description', 'effect', 'input_schema', 'connector_id', 'handler_kind', 'handler_config'])
    .select(['definition_sha256', 'labels', 'status', 'quarantined_at', 'created_at', 'updated_at', 'version']);
}

type Row = Awaited<ReturnType<ReturnType<typeof tools>['executeTakeFirstOrThrow']>>;

function view({
  input_schema,
  handler_config,
  quarantined_at,
  created_at,
  updated_at,
  version,
  ...row
}: Row): ToolView {
  return {
    ...row,
    input_schema: input_schema as Record<string, unknown>,
    handler_config: handler_config as Record<string, unknown>,
    runs:
      describeCall({ handlerKind: row.handler_kind, handlerConfig: handler_config, connector: null })?.sentence ?? '',
    quarantined_at: quarantined_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    version,
  };
}

/** The tools of the workspace. */
export async function listTools(
  tx: TenantTx,
  { status, q, connector, ...page }: ListToolsQuery,
): Promise<Page<ToolView>> {
  let query = tools(tx);
  if (status !== undefined) query = query.where('status', '=', status);
  if (q !== undefined) query = query.where(contains('name', q));
  if (connector !== undefined) query = query.where('connector_id', '=', connector);
  return pagedList(tx, query, 'id', page, view);
}

/** One tool, archived or not, or undefined when there is none by that id here. */
export async function findTool(tx: TenantTx, id: string): Promise<ToolView | undefined> {
  const row = await tools(tx).where('id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** The active tool of that name. Names of archived tools are free again. */
export async function findToolByName(tx: TenantTx, name: string): Promise<ToolView | undefined> {
  const row = await tools(tx).where('name', '=', name).where('status', '=', 'active').executeTakeFirst();
  return row && view(row);
}

/** The tools behind a connector, archived ones too. */
export async function toolsOfConnector(tx: TenantTx, connectorId: string): Promise<ToolView[]> {
  return (await tools(tx).where('connector_id', '=', connectorId).execute()).map(view);
}

/** What an audit entry says of a tool. */
export function toolState({ updated_at: _, runs: __, ...state }: ToolView): object {
  return state;
}
