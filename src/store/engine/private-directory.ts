import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** The data directory can be read or changed by others, and we cannot mend it. The message says what to do. */
export class UnsafeDirectory extends Error {
  override readonly name = 'UnsafeDirectory';
}

const OTHERS = 0o077;
const STICKY = 0o1000;
const hasModes = process.platform !== 'win32';

/**
 * Makes the data directory its account's alone, with everything under it that is the database's, and from now on
 * whatever this process creates. Returns a sentence for the operator when something had to be mended. Throws
 * `UnsafeDirectory` when it is not ours to mend.
 */
export function makePrivate(dataDir: string): string | undefined {
  if (hasModes && isMainThread) process.umask(OTHERS);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (!hasModes) return undefined;
  const found = lstatFollowing(dataDir);
  const wasOpen = (found.mode & OTHERS) !== 0;
  if (wasOpen) closeToOthers(dataDir, found);
  const files = closeBelow(join(dataDir, 'db'));
  if (!wasOpen && files === 0) return undefined;
  const mended = [wasOpen ? 'the directory' : '', files > 0 ? `${files} files and folders of the database` : ''];
  return `The data directory ${dataDir} was open to other accounts of this machine; ${mended.filter(Boolean).join(' and ')} can now be read by this one only.`;
}

function lstatFollowing(path: string): Stats {
  const found = lstatSync(path);
  return found.isSymbolicLink() ? lstatSync(`${path}/.`) : found;
}

function closeToOthers(dataDir: string, { mode, uid }: Stats): void {
  const shown = (mode & 0o7777).toString(8);
  const advice = `Set COUNTERSIGN_DATA_DIR to a directory of its own, such as ${join(dataDir, 'countersign')}: it is made as it must be.`;
  if ((mode & STICKY) !== 0)
    throw new UnsafeDirectory(`The data directory ${dataDir} is shared with other accounts (mode ${shown}). ${advice}`);
  try {
    chmodSync(dataDir, mode & 0o7700);
  } catch (fault) {
    const owner = `it belongs to user ${uid}, and this is ${process.getuid?.()}`;
    throw new UnsafeDirectory(
      `The data directory ${dataDir} is open to other accounts (mode ${shown}) and cannot be closed: ${owner}. ${advice}`,
      { cause: fault },
    );
  }
}

/** Closes `folder`, where there is one, and what is in it to others. Returns how many entries were open. */
export function closeBelow(folder: string): number {
  let mended = 0;
  if (!hasModes) return mended;
  const mend = (path: string): Stats | undefined => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.isSymbolicLink()) return undefined;
    if ((found.mode & OTHERS) !== 0) {
      chmodSync(path, found.mode & 0o7700);
      mended += 1;
    }
    return found;
  };
  const walk = (path: string): void => {
    if (!mend(path)?.isDirectory()) return;
    for (const name of readdirSync(path)) walk(join(path, name));
  };
  walk(folder);
  return mended;
}
