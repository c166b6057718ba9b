import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres, postgresAccount, reachableTmp } from './postgres-binaries.mjs';
import { removeFolder, startServer } from './server.mjs';

/**
 * Makes and starts a PostgreSQL of its own: a temporary data directory, a free port of 127.0.0.1, a superuser with a
 * random password, fsync on. `settings` are added to the server's own. Whatever happens to this process, the server
 * and its folder are gone afterwards. What the result can do is in postgres.d.mts.
 */
export async function startPostgres({ settings = {} } = {}) {
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
    args: (port) => [
      '-D',
      dataDir,
      ...Object.entries({ ...defaults, ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    options,
    folder,
    isReady: (_port, pid) => isReady(dataDir, pid),
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
    kill: (signal = 'SIGKILL') => server.signal(signal),
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

async function initialize({ bin, folder, dataDir, password, options }) {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (options.uid !== undefined) chownSync(passwordFile, options.uid, options.gid);
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
function isReady(dataDir, pid) {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

function finish(child) {
  return new Promise((resolve) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

function windowsEnv() {
  const { SystemRoot, TEMP } = process.env;
  return process.platform === 'win32' ? { SystemRoot, TEMP } : {};
}
