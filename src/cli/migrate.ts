import { readSettings } from '../settings.ts';
import { openStore } from '../startup/open-store.ts';

/**
 * `countersign migrate`: brings the schema up to date, and gives it its roles, functions and grants again where they
 * were lost, as in a restore.
 */
export async function migrateCommand(): Promise<void> {
  const store = await openStore(readSettings(process.env), { anew: true });
  await store.close();
  process.stdout.write('The schema is up to date.\n');
}
