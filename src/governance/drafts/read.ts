import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { DraftView, ListDraftsQuery } from './schemas.ts';

/** Drafts that nobody has published are removed after so many days. */
export const KEPT_DAYS = 30;
const KEPT_MS = KEPT_DAYS * 24 * 3600 * 1000;

/** All but the arguments, which may have a megabyte. `clientId` shows a client its own only. */
function drafts(tx: TenantTx, clientId: string | undefined) {
  const query = tx.db
    .selectFrom('drafts as d')
    .innerJoin('integration_clients as c', (join) =>
      join.onRef('c.tenant_id', '=', 'd.tenant_id').onRef('c.id', '=', 'd.client_id'),
    )
    .where('d.tenant_id', '=', tx.tenantId)
    .select(['d.id', 'd.version', 'd.status', 'd.client_id', 'd.tool_id', 'd.tool_name', 'd.effect', 'd.summary'])
    .select(['d.suspicious', 'd.via', 'd.created_at', 'd.edited_by', 'd.edited_at', 'd.ended_by', 'd.ended_at'])
    .select([
      'd.justification',
      'd.run_id',
      'd.on_behalf_of',
      'd.run_labels',
      'd.end_reason',
      'd.execution_id',
      'c.name as client_name',
    ]);
  return clientId === undefined ? query : query.where('d.client_id', '=', clientId);
}

type Row = Awaited<ReturnType<ReturnType<typeof drafts>['executeTakeFirstOrThrow']>>;

function view({ client_id, client_name, tool_id, tool_name, effect, ...row }: Row): DraftView {
  return {
    ...row,
    client: { id: client_id, name: client_name },
    tool: { id: tool_id, name: tool_name, effect },
    created_at: row.created_at.toISOString(),
    expires_at: new Date(row.created_at.getTime() + KEPT_MS).toISOString(),
    edited_at: row.edited_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

/** A page of drafts, newest first. */
export function listDrafts(
  tx: TenantTx,
  { status, tool, client, q, ...page }: ListDraftsQuery,
  clientId: string | undefined,
): Promise<Page<DraftView>> {
  let query = drafts(tx, clientId);
  if (status !== undefined) query = query.where('d.status', '=', status);
  if (tool !== undefined) query = query.where('d.tool_name', '=', tool);
  if (client !== undefined) query = query.where('d.client_id', '=', client);
  if (q !== undefined) {
    const places = ['d.tool_name', 'c.name', 'd.summary'].map((column) => contains(column, q));
    query = query.where((eb) => eb.or([...places, eb('d.id', '=', q)]));
  }
  return pagedList(tx, query, 'd.id', page, view);
}

/** One draft with its arguments as JSON text, or undefined where there is none that may be seen. */
export async function findDraft(
  tx: TenantTx,
  id: string,
  clientId?: string,
): Promise<(DraftView & { readonly argumentsText: string }) | undefined> {
  const row = await drafts(tx, clientId).where('d.id', '=', id).select('d.arguments').executeTakeFirst();
  if (row === undefined) return undefined;
  const { arguments: argumentsText, ...rest } = row;
  return { ...view(rest), argumentsText };
}
