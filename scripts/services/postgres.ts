import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres, postgresAccount, reachableTmp } from './postgres-binaries.ts';
import { removeFolder, startServer } from './server.ts';

/** A PostgreSQL that belongs to the caller. */
export type RunningPostgres = {
  /** The superuser's URL, for the database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** The postmaster's process id; another one after `restart()`. */
  readonly pid: number | undefined;
  /** Signals the postmaster: SIGKILL if none is named, SIGINT closes connections and stops, SIGSTOP and SIGCONT pause it. */
  kill(signal?: NodeJS.Signals): void;
  /** Stops it if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

/**
 * Makes and starts a PostgreSQL of its own: a temporary data directory, a free port of 127.0.0.1, a superuser with a
 * random password, fsync on. `settings` are added to the server's own. Whatever happens to this process, the server
 * and its folder are gone afterwards. Throws where there is none (`services.postgresBin`). Takes about a second.
 */
export async function startPostgres({
  settings = {},
}: {
  /** Settings beside or instead of the usual ones, such as `{ max_connections: 20 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
} = {}): Promise<RunningPostgres> {
  const { bin, missing } = findPostgres();
  if (!bin) throw new Error(`PostgreSQL cannot be started: ${missing}.`);
  const account = postgresAccount();
  const folder = mkdtempSync(join(reachableTmp(), 'countersign-pg-'));
  const dataDir = join(folder, 'data');
  const password = randomBytes(18).toString('base64url');
  const options = {
    ...account,
    cwd: folder,
    env: { ...windowsEnv(), PATH: process.env.PATH, HOME: folder, TZ: 'UTC' },
  };
  if (account) chownSync(folder, account.uid, account.gid);
  await initialize({ bin, folder, dataDir, password, options });
  const server = await startServer({
    name: 'PostgreSQL',
    command: join(bin, 'postgres'),
    args: (port: number) => [
      '-D',
      dataDir,
      ...Object.entries({ ...defaults, ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    options,
    folder,
    isReady: (_port: number, pid: number) => isReady(dataDir, pid),
    stopSignal: 'SIGINT',
    abortSignal: 'SIGQUIT',
  });
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`,
    port: server.port,
    dataDir,
    logFile: server.logFile,
    get pid() {
      return server.pid();
    },
    kill: (signal = 'SIGKILL') => void server.signal(signal),
    restart: server.restart,
    stop: server.stop,
  };
}

const defaults = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  fsync: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
};

async function initialize({
  bin,
  folder,
  dataDir,
  password,
  options,
}: {
  readonly bin: string;
  readonly folder: string;
  readonly dataDir: string;
  readonly password: string;
  readonly options: SpawnOptions & { readonly uid?: number; readonly gid?: number };
}): Promise<void> {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (options.uid !== undefined) chownSync(passwordFile, options.uid, options.gid ?? options.uid);
  const args = [
    '-D',
    dataDir,
    '-U',
    'postgres',
    '--pwfile',
    passwordFile,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--no-sync',
  ];
  // The same order of text on every machine; PostgreSQL below 17 takes it from the system, which may not have it.
  const locales = [
    ['--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ['--locale=C.UTF-8'],
    ['--no-locale'],
  ];
  let output = '';
  for (const locale of locales) {
    const result = await finish(
      spawn(join(bin, 'initdb'), [...args, ...locale], { ...options, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    if (result.code === 0) return;
    output += result.output;
  }
  removeFolder(folder);
  throw new Error(`PostgreSQL's initdb failed:\n${output}`);
}

/** The server writes its state into this file; pg_ctl looks there, too. */
function isReady(dataDir: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

function finish(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

function windowsEnv(): NodeJS.ProcessEnv {
  const { SystemRoot, TEMP } = process.env;
  return process.platform === 'win32' ? { SystemRoot, TEMP } : {};
}
