import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ClientBase } from 'pg';

/** The schema is not what this version needs, and cannot become it from here. The message says what to do. */
export class SchemaOutOfDate extends Error {
  override readonly name = 'SchemaOutOfDate';
}

const APP_ROLE = 'countersign_app';
const SYSTEM_ROLE = 'countersign_system';
const LOCK = 7302011991;

/**
 * Counts changes of the schema. Whoever changes a function or a grant, or adds a table file, counts on, so that an older
 * program knows a newer schema by it. A test holds it to the files.
 */
export const REVISION = 5;

type Folder = 'tables' | 'functions' | 'grants';
type SchemaFile = { readonly name: string; readonly folder: Folder; readonly sql: string; readonly sha256: string };

/** The schema as it is: numbered tables in their order, then functions, then who may do what. */
function readFiles(): SchemaFile[] {
  return [...listed('tables'), ...listed('functions'), read('grants', 'grants.sql', 'grants.sql')];
}

/** SHA-256 of all files of the schema with their names, lower-case hex: another one is another schema. */
export function schemaSha256(): string {
  const hash = createHash('sha256');
  for (const { name, sha256 } of readFiles()) hash.update(`${name} ${sha256}\n`);
  return hash.digest('hex');
}

function listed(folder: 'tables' | 'functions'): SchemaFile[] {
  return readdirSync(new URL(`./${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => read(folder, `${folder}/${name}`, `${folder}/${name}`));
}

function read(folder: Folder, name: string, path: string): SchemaFile {
  const sql = readFileSync(new URL(`./${path}`, import.meta.url), 'utf8');
  return { name, folder, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

/** What the database says has been run on it. */
type Applied = { readonly revision: number; readonly files: ReadonlyMap<string, string>; readonly isOlder: boolean };

/**
 * Brings the schema up to date in one transaction, under a lock so that nodes starting together do it once: tables that
 * are missing, then functions and grants that have changed. `client` must be the login role itself, not the runtime role.
 * `anew` runs functions and grants whatever is recorded, as after a restore into a server without the roles.
 * Says which files it ran. Throws `SchemaOutOfDate` with the way out.
 */
export async function migrate(client: ClientBase, { anew = false } = {}): Promise<string[]> {
  const files = readFiles();
  const isComplete = await hasRoles(client);
  if (isComplete && !anew && pending(files, await readApplied(client)).length === 0) return [];
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    await ensureRoles(client);
    const applied = await readApplied(client);
    const todo = pending(files, applied, anew || !isComplete);
    await client.query('begin');
    try {
      await run(client, todo, applied.revision);
      await client.query('commit');
    } catch (fault) {
      await client.query('rollback');
      throw fault;
    }
    return todo.map(({ name }) => name);
  } catch (fault) {
    if ((fault as { code?: string }).code !== '42501') throw fault;
    throw new SchemaOutOfDate(
      'The schema is not up to date, and this login may not change it. ' +
        'Run `countersign migrate` once with the DATABASE_URL of the role that owns the database.',
      { cause: fault },
    );
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

/** What has to be run. Throws `SchemaOutOfDate` for a schema that this program did not make and does not know. */
function pending(files: readonly SchemaFile[], applied: Applied, anew = false): SchemaFile[] {
  if (applied.isOlder) {
    throw new SchemaOutOfDate(
      'The database was made by a development version before 0.1.0, whose data is not carried over. ' +
        'Use an empty database (DATABASE_URL), or an empty directory (COUNTERSIGN_DATA_DIR).',
    );
  }
  const known = new Set(files.map(({ name }) => name));
  const foreign = [...applied.files.keys()].filter((name) => name.startsWith('tables/') && !known.has(name));
  if (applied.revision > REVISION || foreign.length > 0) {
    throw new SchemaOutOfDate(
      `The database has schema revision ${applied.revision}, newer than this version of Countersign, which knows ` +
        `revision ${REVISION}. Start the newer version, or restore a backup that was made before its first start.`,
    );
  }
  const changed = files.filter(
    (file) => file.folder === 'tables' && (applied.files.get(file.name) ?? file.sha256) !== file.sha256,
  );
  if (changed.length > 0) {
    throw new SchemaOutOfDate(
      `${changed.map(({ name }) => name).join(', ')} is not the file that this database was made with. ` +
        'A table file never changes after its release: put the change into a new one.',
    );
  }
  const todo = files.filter((file) =>
    file.folder === 'tables' ? !applied.files.has(file.name) : anew || applied.files.get(file.name) !== file.sha256,
  );
  // Grants name every table and function, so that they follow each change of one.
  const grants = files.at(-1)!;
  return todo.length === 0 || todo.includes(grants) ? todo : [...todo, grants];
}

async function run(client: ClientBase, todo: readonly SchemaFile[], appliedRevision: number): Promise<void> {
  await client.query(
    `create table if not exists schema_files (
      name text primary key, sha256 text not null, revision integer not null, applied_at timestamptz not null default now())`,
  );
  for (const { name, sql, sha256 } of todo) {
    try {
      await client.query(sql);
    } catch (fault) {
      if ((fault as { code?: string }).code === '42501') throw fault;
      throw new Error(`Schema file ${name} failed`, { cause: fault });
    }
    await client.query(
      `insert into schema_files (name, sha256, revision) values ($1, $2, $3)
        on conflict (name) do update set sha256 = excluded.sha256, revision = excluded.revision, applied_at = now()`,
      [name, sha256, Math.max(REVISION, appliedRevision)],
    );
  }
}

async function readApplied(client: ClientBase): Promise<Applied> {
  const { rows } = await client.query<{ there: boolean; older: boolean }>(
    `select to_regclass('public.schema_files') is not null as there,
      to_regclass('public.schema_migrations') is not null as older`,
  );
  const { there, older } = rows[0]!;
  if (!there) return { revision: 0, files: new Map(), isOlder: older };
  const result = await client.query<{ name: string; sha256: string; revision: number }>(
    'select name, sha256, revision from schema_files',
  );
  return {
    revision: Math.max(0, ...result.rows.map(({ revision }) => revision)),
    files: new Map(result.rows.map(({ name, sha256 }) => [name, sha256])),
    isOlder: false,
  };
}

async function hasRoles(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query('select from pg_roles where rolname = any ($1)', [[APP_ROLE, SYSTEM_ROLE]]);
  return rows.length === 2;
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
