import { readSettings } from '../settings.ts';
import { Store } from '../store/store.ts';

/** `countersign migrate`: brings the schema up to date. Opening the store does it; this does nothing else. */
export async function migrateCommand(): Promise<void> {
  const settings = readSettings(process.env);
  const store = await Store.open({ databaseUrl: settings.DATABASE_URL, dataDir: settings.COUNTERSIGN_DATA_DIR });
  await store.close();
  process.stdout.write('The schema is up to date.\n');
}
