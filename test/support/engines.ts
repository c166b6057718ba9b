import { services } from './services.ts';

export type EngineName = 'pglite' | 'postgres';

/**
 * The engines of this machine, for `describe.each(engines)`: the embedded one always, PostgreSQL where there is one.
 * In CI a missing PostgreSQL is an error: half the suite would silently not run.
 */
export const engines: readonly EngineName[] = services.databaseUrl ? ['pglite', 'postgres'] : ['pglite'];

if (process.env.CI === 'true' && !services.databaseUrl) {
  throw new Error('CI has no PostgreSQL: TEST_DATABASE_URL is not set and no binaries were found.');
}
