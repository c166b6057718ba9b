import { type ReferenceExpression, type SelectQueryBuilder, sql } from 'kysely';
import { COUNTED_MAX, type Page, type PageInput, pageOf, type Total, totalOf } from '../kernel/page.ts';
import type { TenantTx } from './tenant-tx.ts';

/**
 * One page of a query, newest first, with how many it has in all on the first one. `id` is the column that orders it and
 * names its pages: ids are ordered by time. Where the query joins, it is written with its table.
 */
export async function pagedList<DB, TB extends keyof DB, Row, View extends { readonly id: string }>(
  tx: TenantTx,
  query: SelectQueryBuilder<DB, TB, Row>,
  id: ReferenceExpression<DB, TB> & string,
  { limit, cursor, uncounted }: PageInput,
  view: (row: Row) => View,
): Promise<Page<View>> {
  const total = cursor === undefined && !uncounted ? await countUpTo(tx, query) : null;
  const from = cursor === undefined ? query : query.where(id, '<', cursor as never);
  const rows = await from
    .orderBy(id as never, 'desc')
    .limit(limit + 1)
    .execute();
  return pageOf(rows, limit, view, total);
}

/** How many rows a query has; counting stops at {@link COUNTED_MAX}. */
export async function countUpTo<DB, TB extends keyof DB, Row>(
  tx: TenantTx,
  query: SelectQueryBuilder<DB, TB, Row>,
): Promise<Total> {
  // Without its columns, what a query joins only for them is left out by the planner.
  const counted = query
    .clearSelect()
    .clearOrderBy()
    .select(sql<number>`1`.as('one'))
    .limit(COUNTED_MAX + 1);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from (${counted}) counted`.execute(tx.db);
  return totalOf(rows[0]!.count);
}
