import type { ReferenceExpression, SelectQueryBuilder } from 'kysely';
import { type Page, type PageInput, pageOf } from '../kernel/page.ts';

/**
 * One page of a query, newest first. `id` is the column that orders it and names its pages: ids are ordered by time.
 * Where the query joins, it is written with its table.
 */
export async function pagedList<DB, TB extends keyof DB, Row, View extends { readonly id: string }>(
  query: SelectQueryBuilder<DB, TB, Row>,
  id: ReferenceExpression<DB, TB> & string,
  { limit, cursor }: PageInput,
  view: (row: Row) => View,
): Promise<Page<View>> {
  const from = cursor === undefined ? query : query.where(id, '<', cursor as never);
  const rows = await from
    .orderBy(id as never, 'desc')
    .limit(limit + 1)
    .execute();
  return pageOf(rows, limit, view);
}
