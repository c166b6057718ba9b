import { spawn } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeBelow } from './private-directory.ts';

/** The database's folder is there, but holds none. The message says what to do. */
export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';
}

const INITDB = fileURLToPath(new URL('./initdb-process.ts', import.meta.url));
/** Code that runs once is not worth optimizing, which takes 600 MB for one function of PostgreSQL's. */
const FLAGS = ['--liftoff-only', '--disable-warning=ExperimentalWarning'];
const BEGUN = 'db-new-';

/**
 * The folder of the database in `dataDir`. Makes an empty one when there is none: whole and on disk, or not at all. Throws
 * `NoDatabase` when there is a folder without a database in it, rather than make one over what may be left of another.
 */
export async function databaseFolder(dataDir: string, withinMs: number): Promise<string> {
  const folder = join(dataDir, 'db');
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith(BEGUN)) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
  if (existsSync(join(folder, 'PG_VERSION'))) return folder;
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new NoDatabase(
      `${folder} is not the directory of a database: PG_VERSION is missing. Restore it from a backup, or remove it to begin anew.`,
    );
  }
  const begun = mkdtempSync(join(dataDir, BEGUN));
  try {
    await initdb(begun, withinMs);
    closeBelow(begun);
    syncBelow(begun);
    rmSync(folder, { recursive: true, force: true });
    renameSync(begun, folder);
    syncOne(dataDir);
  } catch (fault) {
    rmSync(begun, { recursive: true, force: true });
    throw fault;
  }
  return folder;
}

function initdb(folder: string, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...FLAGS, INITDB, folder], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.stderr!.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000);
    });
    const failed = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`The database's directory could not be made (${why}).${said && `\n${said}`}`));
    };
    child.once('error', (fault) => failed(fault.message));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else failed(signal === 'SIGKILL' ? 'it was killed: is there memory for it?' : `exit ${signal ?? code}`);
    });
  });
}

/** PostgreSQL counts on what initdb made to be on disk; its log does not hold it. */
function syncBelow(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncBelow(path);
    else if (entry.isFile()) syncOne(path);
  }
  syncOne(folder);
}

function syncOne(path: string): void {
  // Windows syncs no folders, and files only when they are open for writing.
  if (process.platform === 'win32') return;
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
