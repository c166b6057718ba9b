import type { ClientBase } from 'pg';

/** What PostgreSQL's own catalogue says of the schema. The tenancy tests are generated from it. */

const IN_PUBLIC = `c.relnamespace = 'public'::regnamespace`;
const HAS_TENANT = `exists (select from pg_attribute a
  where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)`;

async function column(client: ClientBase, text: string): Promise<string[]> {
  const { rows } = await client.query<{ value: string }>(text);
  return rows.map(({ value }) => value);
}

/** The tables whose rows belong to workspaces. */
export function tenantTables(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select c.relname as value from pg_class c where ${IN_PUBLIC} and c.relkind in ('r', 'p') and ${HAS_TENANT} order by 1`,
  );
}

/** Every other table. */
export function otherTables(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select c.relname as value from pg_class c where ${IN_PUBLIC} and c.relkind in ('r', 'p') and not ${HAS_TENANT} order by 1`,
  );
}

/** Tenant tables that row level security does not hold for everybody, their owner included, or not by tenant. */
export function unprotectedTables(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select c.relname as value from pg_class c
     where ${IN_PUBLIC} and c.relkind in ('r', 'p') and ${HAS_TENANT} and not (
       c.relrowsecurity and c.relforcerowsecurity and exists (
         select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polpermissive and p.polroles = '{0}'
         and pg_get_expr(p.polqual, c.oid) like '%tenant_id = (NULLIF(current_setting(''app.tenant_id''%'
         and pg_get_expr(p.polwithcheck, c.oid) = pg_get_expr(p.polqual, c.oid)))
     order by 1`,
  );
}

/** Policies beside the one by tenant, as `table.policy command roles`. */
export function extraPolicies(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select format('%s.%s %s %s', tablename, policyname, cmd, array_to_string(roles, ',')) as value
     from pg_policies where schemaname = 'public' and policyname <> 'tenant' order by 1`,
  );
}

/** What would see past row level security: views that run as their owner, and functions that do. */
export function waysAround(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select 'view ' || c.relname as value from pg_class c
     where ${IN_PUBLIC} and c.relkind in ('v', 'm') and not 'security_invoker=true' = any(coalesce(c.reloptions, '{}'))
     union all
     select 'function ' || p.proname || ' as ' || p.proowner::regrole || ' in ' || p.proconfig[1] from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef`,
  );
}

/** Primary keys and unique indexes of tenant tables that do not start with tenant_id. */
export function keysWithoutTenant(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select i.indexrelid::regclass::text as value
     from pg_index i join pg_class c on c.oid = i.indrelid
     where ${IN_PUBLIC} and ${HAS_TENANT} and i.indisunique
       and (select attname from pg_attribute where attrelid = c.oid and attnum = i.indkey[0]) is distinct from 'tenant_id'`,
  );
}

/** Foreign keys between tenant tables that do not start with tenant_id on both sides. */
export function referencesWithoutTenant(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select k.conname as value
     from pg_constraint k join pg_class c on c.oid = k.conrelid
     where ${IN_PUBLIC} and ${HAS_TENANT} and k.contype = 'f'
       and exists (select from pg_attribute a where a.attrelid = k.confrelid and a.attname = 'tenant_id' and not a.attisdropped)
       and not (
         (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) = 'tenant_id'
         and (select attname from pg_attribute where attrelid = k.confrelid and attnum = k.confkey[1]) = 'tenant_id')`,
  );
}

/** Tenant tables without a primary key. */
export function tablesWithoutKey(client: ClientBase): Promise<string[]> {
  return column(
    client,
    `select c.relname as value from pg_class c where ${IN_PUBLIC} and c.relkind in ('r', 'p') and ${HAS_TENANT}
       and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
  );
}

/** What a role may do, as `table command`; a command on some columns only is written in brackets. */
export function privileges(client: ClientBase, role: string): Promise<string[]> {
  return column(
    client,
    `select format(case when has_table_privilege('${role}', c.oid, command) then '%s %s' else '%s [%s]' end, c.relname, command) as value
     from pg_class c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) command
     where ${IN_PUBLIC} and c.relkind in ('r', 'p', 'v', 'm')
       and (has_table_privilege('${role}', c.oid, command)
         or (command in ('select', 'insert', 'update', 'references') and has_any_column_privilege('${role}', c.oid, command)))
     order by c.relname, array_position(array['select', 'insert', 'update', 'delete'], command)`,
  );
}

export type Column = { readonly nullable: boolean; readonly generated: boolean };

/** Every column, as `table.column`: whether it takes null, and whether the database can fill it in. */
export async function columns(client: ClientBase): Promise<Map<string, Column>> {
  const { rows } = await client.query<{ name: string } & Column>(
    `select table_name || '.' || column_name as name, is_nullable = 'YES' as nullable,
       column_default is not null or is_identity = 'YES' as generated
     from information_schema.columns where table_schema = 'public'`,
  );
  return new Map(rows.map(({ name, ...rest }) => [name, rest]));
}
