import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Store } from '../../src/store/store.ts';
import type { EngineName } from './engines.ts';
import { services } from './services.ts';

export type TestStore = { readonly store: Store; readonly close: () => Promise<void> };
export type TestDatabase = { readonly url: string; readonly drop: () => Promise<void> };

/** A migrated store on an empty database of its own: in memory, or on the shared PostgreSQL until `close`. */
export async function openTestStore(engine: EngineName): Promise<TestStore> {
  if (engine === 'pglite') {
    const store = await Store.open({ dataDir: null });
    return { store, close: () => store.close() };
  }
  const database = await createTestDatabase();
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

/** An empty database on the shared PostgreSQL. `url` logs in as the superuser. */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (services.databaseUrl === undefined)
    throw new Error('This machine has no PostgreSQL: TEST_DATABASE_URL is not set');
  const admin = services.databaseUrl;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await query(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => query(admin, `drop database if exists ${name} with (force)`) };
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
