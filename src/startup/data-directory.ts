import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadSettings } from '../settings.ts';
import { lockDirectory } from '../store/engine/directory-lock.ts';

/** A new embedded database takes about 40 MB, its first log segments as much again. */
const FIRST_START_BYTES = 128 * 1024 * 1024;
/** Lies beside `db` from before it is there until it has been opened once. */
const MAKING = 'db.making';

/** Makes the data directory where there is none. Throws `BadSettings` where nothing can be written in it. */
export function prepareDataDirectory(dataDir: string): void {
  const probe = join(dataDir, `.probe-${process.pid}`);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(probe, 'Can this directory be written?\n', { mode: 0o600 });
    rmSync(probe);
  } catch (fault) {
    throw directoryFault(dataDir, fault);
  }
}

/** Throws `DirectoryInUse` while another process works on the data directory, which names that process. */
export function refuseDirectoryInUse(dataDir: string): void {
  prepareDataDirectory(dataDir);
  lockDirectory(dataDir)();
}

/**
 * Prepares the embedded database's place. One whose making was cut short was never served from, so it is made again.
 * Returns what is to be called once the database has been opened. Throws `DirectoryInUse` while another process has it.
 */
export function prepareEmbedded(dataDir: string): () => void {
  prepareDataDirectory(dataDir);
  const database = join(dataDir, 'db');
  const making = join(dataDir, MAKING);
  const release = lockDirectory(dataDir);
  try {
    if (existsSync(making)) rmSync(database, { recursive: true, force: true });
    if (existsSync(database)) return () => {};
    refuseWithoutRoom(dataDir);
    writeFileSync(making, '', { mode: 0o600 });
  } finally {
    release();
  }
  return () => rmSync(making, { force: true });
}

function refuseWithoutRoom(dataDir: string): void {
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize >= FIRST_START_BYTES) return;
  throw new BadSettings(
    `The disk of COUNTERSIGN_DATA_DIR (${dataDir}) has ${Math.floor((bavail * bsize) / 2 ** 20)} MiB left, and a new ` +
      `database needs ${FIRST_START_BYTES / 2 ** 20}. Make room, or set COUNTERSIGN_DATA_DIR to another disk.`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'is a file. Write the path of a directory',
  ENOTDIR: 'leads through a file. Write the path of a directory',
  EACCES: 'may not be written by this account. Give it to this account (chown), or write another directory',
  EPERM: 'may not be written by this account. Give it to this account (chown), or write another directory',
  EROFS: 'is on a file system that is mounted read-only. Write a directory on another one',
  ENOSPC: 'is on a disk that is full. Make room, or write a directory on another disk',
  EDQUOT: "is on a disk where this account's quota is used up. Make room, or write a directory on another disk",
  EIO: 'is on a disk that fails to read or write. Look at the disk, or write a directory on another one',
};

/** What is wrong with the data directory, in a sentence, where the system says so; any other fault as it is. */
export function directoryFault(dataDir: string, fault: unknown): unknown {
  const { code, syscall } = fault as { code?: string; syscall?: string };
  if (code === undefined || syscall === undefined) return fault;
  const reason = REASONS[code] ?? `cannot be used (${code}). Write the path of a directory on a disk`;
  return new BadSettings(`COUNTERSIGN_DATA_DIR (${dataDir}) ${reason}.`, { cause: fault });
}
