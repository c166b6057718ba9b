import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { GrantRule } from './rules.ts';
import type { GrantView, ListGrantsQuery } from './schemas.ts';

function grants(tx: TenantTx, clientId: string) {
  return tx.db
    .selectFrom('grants as g')
    .innerJoin('tools as t', (join) => join.onRef('t.tenant_id', '=', 'g.tenant_id').onRef('t.id', '=', 'g.tool_id'))
    .where('g.tenant_id', '=', tx.tenantId)
    .where('g.client_id', '=', clientId)
    .select(['g.id', 'g.client_id', 'g.tool_id', 't.name as tool', 't.effect', 'g.policy', 'g.approver_user_ids'])
    .select(['g.rules', 'g.justification_required', 'g.updated_by', 'g.created_at', 'g.updated_at', 'g.version']);
}

type Row = Awaited<ReturnType<ReturnType<typeof grants>['executeTakeFirstOrThrow']>>;

function view({ created_at, updated_at, version, rules, ...row }: Row): GrantView {
  return {
    ...row,
    rules: rules as GrantRule[],
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    version,
  };
}

/** What a client was granted. */
export async function listGrants(
  tx: TenantTx,
  { clientId, q, ...page }: ListGrantsQuery & { readonly clientId: string },
): Promise<Page<GrantView>> {
  let query = grants(tx, clientId);
  if (q !== undefined) query = query.where(contains('t.name', q));
  return pagedList(tx, query, 'g.id', page, view);
}

/** One grant of a client, or undefined. */
export async function findGrant(tx: TenantTx, clientId: string, id: string): Promise<GrantView | undefined> {
  const row = await grants(tx, clientId).where('g.id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** What an audit entry says of a grant. */
export function grantState({ updated_at: _, ...state }: GrantView): Omit<GrantView, 'updated_at'> {
  return state;
}
