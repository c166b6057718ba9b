import { BadSettings } from '../settings.ts';
import type { Query } from '../store/store.ts';

/** A table as a backup needs to know it. */
export type Table = {
  readonly name: string;
  readonly columns: readonly string[];
  /** Its primary key, for an order of rows. */
  readonly key: readonly string[];
  readonly isTenants: boolean;
  /** Whether rows are hidden by a policy that does not go by workspace. */
  readonly isHidden: boolean;
  readonly isOwn: boolean;
};

/** Every table but the schema's own list of files, those that others refer to first. */
export async function readTables(query: Query): Promise<Table[]> {
  const tables = await query<Table & { readonly after: string[] }>(`
    select c.relname as name, c.columns, coalesce(k.key, '{}') as key, c.tenants as "isTenants",
      c.relrowsecurity and not c.tenants as "isHidden", pg_has_role(c.relowner, 'usage') as "isOwn",
      array(select distinct r.relname::text from pg_constraint f join pg_class r on r.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and r.oid <> c.oid) as after
    from (
      select c.*, array(select attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
          and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as tenants
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> 'schema_files'
    ) c
    left join lateral (select array_agg(a.attname::text order by o.place) as key
      from pg_index i, unnest(i.indkey::smallint[]) with ordinality o (attnum, place), pg_attribute a
      where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = o.attnum) k on true
    order by c.relname`);
  const sorted: Table[] = [];
  const waiting = new Map(tables.map((table) => [table.name, table]));
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(({ after }) => after.every((name) => !waiting.has(name)));
    if (free.length === 0) throw new Error(`Tables refer to each other in a circle: ${[...waiting.keys()].join(', ')}`);
    for (const { after: _, ...table } of free) {
      waiting.delete(table.name);
      sorted.push(table);
    }
  }
  const foreign = sorted.find(({ isOwn }) => !isOwn);
  if (foreign === undefined) return sorted;
  throw new BadSettings(
    `The login of DATABASE_URL does not own the table ${foreign.name}, so it may not copy everything. ` +
      'Use the DATABASE_URL of the role that owns the database, as for `countersign migrate`.',
  );
}

/** The value every sequence has come to. */
export async function readSequences(query: Query): Promise<Record<string, string>> {
  const rows = await query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S' order by 1",
  );
  const values: Record<string, string> = {};
  for (const { name } of rows) {
    const [row] = await query<{ last_value: string }>(`select last_value from ${quoted(name)}`);
    values[name] = row!.last_value;
  }
  return values;
}

/** All workspaces, which only the system role sees together. Leaves the login's own role in force. */
export async function readTenants(query: Query): Promise<string[]> {
  return asSystem(query, async () => {
    const rows = await query<{ tenant_id: string }>('select tenant_id from workspaces order by 1');
    return rows.map(({ tenant_id }) => tenant_id);
  });
}

/** Runs statements of an open transaction as the system role. */
export async function asSystem<T>(query: Query, work: () => Promise<T>): Promise<T> {
  await query('set local role countersign_system');
  const result = await work();
  await query('set local role none');
  return result;
}

/** Shows one workspace's rows to the statements that follow. */
export async function enterTenant(query: Query, tenantId: string): Promise<void> {
  await query("select set_config('app.tenant_id', $1, true)", [tenantId]);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
