import type { Query } from '../store/store.ts';
import { asSystem, enterTenant, quoted, type Table } from './catalogue.ts';

const PAGE_BYTES = 4 * 1024 * 1024;
const PAGE_ROWS_MAX = 2_000;

/**
 * Reads a table, each row as one line of JSON made by the database. The owner is held to row level security like
 * everybody, so rows of workspaces are read workspace by workspace, and a queue of all as the role that moves it.
 */
export async function* readRows(query: Query, table: Table, tenants: readonly string[]): AsyncGenerator<string> {
  if (table.isHidden) {
    // Between two pages whoever takes the rows may run statements of its own, as itself.
    const pages = readPages(query, table, '');
    for (;;) {
      const page = await asSystem(query, async () => (await pages.next()).value);
      if (page === undefined) return;
      yield* page;
    }
  }
  if (!table.isTenants) {
    for await (const page of readPages(query, table, '')) yield* page;
    return;
  }
  for (const tenantId of tenants) {
    await enterTenant(query, tenantId);
    for await (const page of readPages(query, table, `where tenant_id = '${tenantId}'`)) yield* page;
  }
}

async function* readPages(
  query: Query,
  { name, columns, key }: Table,
  where: string,
): AsyncGenerator<string[], undefined> {
  const list = columns.map(quoted).join(', ');
  const order = key.length > 0 ? `order by ${key.map(quoted).join(', ')}` : '';
  await query(`declare backup_rows no scroll cursor for
    select row_to_json(t)::text as line from (select ${list} from ${quoted(name)} ${where} ${order}) t`);
  let count = 100;
  for (;;) {
    const rows = await query<{ line: string }>(`fetch ${count} from backup_rows`);
    if (rows.length === 0) break;
    const bytes = rows.reduce((sum, { line }) => sum + line.length, 0);
    yield rows.map(({ line }) => line);
    // Rows hold between a hundred bytes and a megabyte.
    count = Math.max(1, Math.min(PAGE_ROWS_MAX, Math.floor((PAGE_BYTES * rows.length) / bytes)));
  }
  await query('close backup_rows');
  return undefined;
}
