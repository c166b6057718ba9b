import { readSettings } from '../settings.ts';
import { openStore } from '../startup/open-store.ts';

/** `countersign migrate`: brings the schema up to date. Opening the store does it; this does nothing else. */
export async function migrateCommand(): Promise<void> {
  const store = await openStore(readSettings(process.env));
  await store.close();
  process.stdout.write('The schema is up to date.\n');
}
