import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process works on the data directory. The message says which and what to do. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * Takes the exclusive lock on a data directory and returns the function that gives it back.
 * The lock is the operating system's, taken through SQLite because Node has no flock: it ends with the
 * process however that dies, so there are no stale locks to clean up.
 */
export function lockDirectory(dataDir: string): () => void {
  const lock = new DatabaseSync(join(dataDir, 'lock'));
  const holderFile = join(dataDir, 'lock.pid');
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
  } catch {
    lock.close();
    throw new DirectoryInUse(
      `The data directory ${dataDir} is in use by ${holderOf(holderFile)}. ` +
        'Stop that one first, or set COUNTERSIGN_DATA_DIR to another directory.',
    );
  }
  writeFileSync(holderFile, String(process.pid));
  return () => lock.close();
}

function holderOf(file: string): string {
  try {
    return `process ${Number(readFileSync(file, 'utf8'))}`;
  } catch {
    return 'another process';
  }
}
