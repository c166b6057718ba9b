import { BadSettings, type Settings } from '../settings.ts';
import { DirectoryInUse } from '../store/engine/directory-lock.ts';
import { UnsafeDatabase } from '../store/engine/engine.ts';
import { SchemaOutOfDate } from '../store/schema/migrate.ts';
import { Store } from '../store/store.ts';
import { directoryFault, prepareEmbedded } from './data-directory.ts';
import { databaseFault } from './database-faults.ts';

/** Mistakes of whoever starts it: told in a sentence, without a stack. */
export function isMistake(fault: unknown): fault is Error {
  if (fault instanceof BadSettings || fault instanceof DirectoryInUse) return true;
  return fault instanceof UnsafeDatabase || fault instanceof SchemaOutOfDate;
}

/**
 * Opens the store that the settings name. What is wrong with them is thrown as a sentence that names the setting. With
 * `anew`, functions and grants are written again as they must be, whatever became of them.
 */
export async function openStore(settings: Settings, { anew = false } = {}): Promise<Store> {
  const { DATABASE_URL: databaseUrl, COUNTERSIGN_DATA_DIR: dataDir } = settings;
  try {
    if (databaseUrl !== undefined) return await Store.open({ databaseUrl, dataDir, anew });
    const opened = prepareEmbedded(dataDir);
    const store = await Store.open({ dataDir, anew });
    opened();
    return store;
  } catch (fault) {
    if (isMistake(fault)) throw fault;
    throw databaseUrl === undefined ? directoryFault(dataDir, fault) : databaseFault(databaseUrl, fault);
  }
}
