import { readdirSync, readFileSync } from 'node:fs';
import type { ClientBase } from 'pg';

const directory = new URL('../migrations/', import.meta.url);

/** The schema is not what this version needs, and this login may not change it. */
export class SchemaOutOfDate extends Error {
  override readonly name = 'SchemaOutOfDate';
}

const APP_ROLE = 'countersign_app';
const SYSTEM_ROLE = 'countersign_system';

/** Migration files by number, oldest first. */
function migrations(): { name: string; sql: () => string }[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, sql: () => readFileSync(new URL(name, directory), 'utf8') }));
}

/**
 * Brings the schema up to date, each migration in a transaction of its own, under a lock so that nodes
 * starting together do it once. `client` must be the login role itself, not the runtime role.
 * Throws `SchemaOutOfDate` with the way out when something is missing and the login may not add it.
 */
export async function migrate(client: ClientBase): Promise<string[]> {
  const applied = await appliedMigrations(client);
  const missing = migrations().filter(({ name }) => !applied.has(name));
  if (missing.length === 0) return [];
  await client.query('select pg_advisory_lock(7302011991)');
  try {
    await ensureRoles(client);
    await client.query(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const done: string[] = [];
    for (const { name, sql } of missing) {
      if ((await appliedMigrations(client)).has(name)) continue;
      await client.query('begin');
      try {
        await client.query(sql());
        await client.query('insert into schema_migrations (name) values ($1)', [name]);
        await client.query('commit');
      } catch (fault) {
        await client.query('rollback');
        throw new Error(`Migration ${name} failed`, { cause: fault });
      }
      done.push(name);
    }
    await client.query(`grant select on schema_migrations to ${APP_ROLE}`);
    return done;
  } catch (fault) {
    if ((fault as { code?: string }).code === '42501') {
      throw new SchemaOutOfDate(
        `The database lacks ${missing.length} migration(s), and this login may not run them. ` +
          'Run `countersign migrate` once with the DATABASE_URL of the role that owns the database.',
        { cause: fault },
      );
    }
    throw fault;
  } finally {
    await client.query('select pg_advisory_unlock(7302011991)');
  }
}

async function appliedMigrations(client: ClientBase): Promise<Set<string>> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('schema_migrations') is not null as there`,
  );
  if (!rows[0]?.there) return new Set();
  const result = await client.query<{ name: string }>('select name from schema_migrations');
  return new Set(result.rows.map(({ name }) => name));
}

/** The two roles the product runs as. Neither can log in, own tables or bypass row level security. */
async function ensureRoles(client: ClientBase): Promise<void> {
  for (const role of [APP_ROLE, SYSTEM_ROLE]) {
    const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
    if (rows.length === 0) {
      try {
        await client.query(`create role ${role} nologin nosuperuser nobypassrls nocreaterole nocreatedb`);
      } catch (fault) {
        // Another database of the same server may be migrating at this moment; roles are shared.
        if (!['42710', '23505'].includes((fault as { code?: string }).code ?? '')) throw fault;
      }
    }
    const member = await client.query<{ yes: boolean }>(`select pg_has_role(session_user, $1, 'member') as yes`, [
      role,
    ]);
    if (!member.rows[0]?.yes) await client.query(`grant ${role} to session_user`);
  }
}
