import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServices, startServices } from '../../scripts/services.ts';
import { Store } from '../../src/store/store.ts';
import { READY_DATABASE, READY_DIRECTORY } from './ready.ts';

/**
 * Gives the tests a PostgreSQL, a Redis and a Chromium, and a database of each engine to copy. `npm test` has started the
 * services already and says so in the environment; a bare `vitest run path` gets what this machine has, and nothing is
 * installed.
 */
export default async function provideServices(): Promise<() => Promise<unknown>> {
  const { env, stop } = await startServices(await findServices({ fetch: false }));
  Object.assign(process.env, env);
  const [directory, database] = await Promise.all([makeDirectory(), makeDatabase()]);
  return async () => {
    rmSync(directory, { recursive: true, force: true });
    await database?.drop();
    await stop();
  };
}

async function makeDirectory(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-ready-'));
  await (await Store.open({ dataDir })).close();
  process.env[READY_DIRECTORY] = dataDir;
  return dataDir;
}

async function makeDatabase() {
  if (!process.env.TEST_DATABASE_URL) return undefined;
  // Where the services are is read when it is loaded.
  const { createTestDatabase } = await import('./store.ts');
  const database = await createTestDatabase();
  await (await Store.open({ databaseUrl: database.url, dataDir: null })).close();
  process.env[READY_DATABASE] = database.name;
  return database;
}
