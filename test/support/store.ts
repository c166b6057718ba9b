import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import pg from 'pg';
import { Store } from '../../src/store/store.ts';
import type { EngineName } from './engines.ts';
import { READY_DATABASE, readyDirectory } from './ready.ts';
import { services } from './services.ts';

export type TestStore = { readonly store: Store; readonly close: () => Promise<void> };
export type TestDatabase = { readonly name: string; readonly url: string; readonly drop: () => Promise<void> };

/** A migrated store on an empty database of its own, until `close`. */
export async function openTestStore(engine: EngineName): Promise<TestStore> {
  if (engine === 'pglite') {
    const dataDir = readyDirectory();
    const store = await Store.open({ dataDir });
    const close = async (): Promise<void> => {
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    };
    return { store, close };
  }
  const database = await createReadyDatabase();
  try {
    const store = await Store.open({ databaseUrl: database.url, dataDir: null, poolSize: 6 });
    const close = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return { store, close };
  } catch (fault) {
    await database.drop();
    throw fault;
  }
}

/** An empty, migrated database on the shared PostgreSQL. `url` logs in as the superuser. */
export function createReadyDatabase(): Promise<TestDatabase> {
  return createTestDatabase(process.env[READY_DATABASE]);
}

/** An empty database on the shared PostgreSQL, or a copy of `template`. `url` logs in as the superuser. */
export async function createTestDatabase(template = 'template1'): Promise<TestDatabase> {
  if (services.databaseUrl === undefined)
    throw new Error('This machine has no PostgreSQL: TEST_DATABASE_URL is not set');
  const admin = services.databaseUrl;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await query(admin, `create database ${name} template ${template}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { name, url: url.href, drop: () => query(admin, `drop database if exists ${name} with (force)`) };
}

async function query(databaseUrl: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
