import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BadSettings, readSettings } from '../src/settings.ts';
import { canMount, mountSmallDisk } from './faults/support/small-disk.ts';
import { send } from './support/gate.ts';
import { PROGRAM, programEnv } from './support/program.ts';
import { readyDirectory } from './support/ready.ts';
import { services } from './support/services.ts';
import { createTestDatabase, type TestDatabase } from './support/store.ts';

type Env = Record<string, string | undefined>;
type Ended = { readonly code: number | null; readonly output: string };

const STARTED_MS = 240_000;
const KEY = (seed: number): string =>
  Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 37 + seed) % 256)).toString('base64');

const folder = mkdtempSync(join(tmpdir(), 'countersign-start-'));
const cleanUps: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

let directories = 0;
const newDirectory = (): string => {
  directories += 1;
  return join(folder, `data-${directories}`);
};

/** A directory with an empty database in it. */
const existing = (): string => {
  const directory = readyDirectory();
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** Runs a command of `countersign` to its end, or until it says that it is ready, and then stops it. */
async function run(
  env: Env,
  command = 'serve',
  whileReady = async (_url: string): Promise<void> => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: programEnv({ PORT: '0', COUNTERSIGN_DATA_DIR: newDirectory(), ...env }),
  });
  let output = '';
  const exited = once(child, 'close');
  const ready = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
        const url = /is ready: (\S+)/.exec(output)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
  const url = await Promise.race([ready, exited.then(() => undefined)]);
  try {
    if (url !== undefined) await whileReady(url);
  } finally {
    child.kill('SIGTERM');
  }
  const [code] = (await exited) as [number | null];
  return { code, output };
}

/** One sentence, or one a line, that names the setting: no stack, no code alone, and nothing secret. */
function expectSentence({ code, output }: Ended, setting: string, says: RegExp): void {
  expect(output).toMatch(says);
  expect(code, output).toBe(1);
  expect(output).toContain(setting);
  expect(output).not.toMatch(/\n\s+at |node:internal|\bNaN\b|undefined|hunter2/);
  expect(output.trim()).toMatch(/^[A-Z`/].*[.;…]$/s);
  expect(output.trim().split('\n').length, output).toBe(1);
}

const EXAMPLES: readonly (readonly [setting: string, value: string, says: RegExp])[] = [
  ['PORT', 'abc', /PORT must be a port from 0 to 65535, such as 3000/],
  ['PORT', '70000', /PORT must be a port/],
  ['PORT', '3000.5', /PORT must be a port/],
  ['PORT', '', /PORT is set to nothing/],
  ['HOST', 'a host', /HOST must be an address or a name/],
  ['HOST', '127.0.0.1:3000', /HOST must be an address or a name.*without a port/],
  ['HOST', '[::1', /HOST must be an address or a name/],
  ['HOST', 'http://127.0.0.1', /HOST must be an address or a name/],
  ['HOST', '203.0.113.7', /HOST 203\.0\.113\.7 is not an address of this machine/],
  ['HOST', 'no-such-host.invalid', /HOST no-such-host\.invalid (is not a name|could not be looked up)/],
  ['DATABASE_URL', '', /DATABASE_URL is set to nothing. Write a value, or unset it/],
  ['DATABASE_URL', 'mysql://root:hunter2@localhost/x', /DATABASE_URL must be a URL such as postgres:/],
  ['DATABASE_URL', 'postgres://me:hunter2@no-such-host.invalid/x', /The host no-such-host\.invalid/],
  ['DATABASE_URL', 'postgres://me:hunter2@127.0.0.1:1/x', /Nothing answers at 127\.0\.0\.1:1 of DATABASE_URL/],
  ['DATABASE_URL', 'postgres://me:hunter2@localhost:1/x', /Nothing answers at localhost:1 of DATABASE_URL/],
  ['REDIS_URL', '', /REDIS_URL is set to nothing/],
  ['REDIS_URL', 'http://localhost', /REDIS_URL must be a URL such as redis:/],
  ['COUNTERSIGN_PUBLIC_URL', 'https://gate.example.com/countersign', /must have no path/],
  ['COUNTERSIGN_PUBLIC_URL', 'https://me:hunter2@gate.example.com', /must have no path, query or login/],
  ['COUNTERSIGN_PUBLIC_URL', 'gate.example.com', /must be a URL such as https:/],
  ['COUNTERSIGN_PUBLIC_URL', '', /is set to nothing/],
  ['COUNTERSIGN_SECRETS_KEY', 'c2hvcnQ=', /openssl rand -base64 32/],
  ['COUNTERSIGN_SECRETS_KEY', Buffer.alloc(32).toString('base64'), /default or example key/],
  ['COUNTERSIGN_SECRETS_KEY', '', /is set to nothing/],
  ['COUNTERSIGN_SECRETS_KEY', `${KEY(11)},c2hvcnQ=`, /must be 32 random bytes in base64, and key 2 of it is not/],
  ['COUNTERSIGN_SECRETS_KEY', `${KEY(11)},`, /must be 32 random bytes in base64, and key 2 of it is not/],
  ['COUNTERSIGN_SECRETS_KEY', `${KEY(11)}, ${KEY(11)}`, /names one key twice/],
  ['COUNTERSIGN_KMS_KEY_ID', 'my key', /must be a key of AWS KMS by its id, ARN or alias/],
  ['COUNTERSIGN_EGRESS_ALLOW', '10.0.0.0/8', /COUNTERSIGN_EGRESS_ALLOW is not acceptable/],
  ['COUNTERSIGN_LOG_LEVEL', 'loud', /must be one of fatal, error, warn, info, debug, silent/],
  ['COUNTERSIGN_DATA_DIR', '', /is set to nothing/],
  ['COUNTERSIGN_DATADIR', '/var/lib/x', /is not a setting/],
];

/** What a start prints that ends with reading the settings; a process for each would take a minute. */
function asParsed(env: Env): Ended | undefined {
  try {
    readSettings(env);
    return undefined;
  } catch (fault) {
    if (!(fault instanceof BadSettings)) throw fault;
    return { code: 1, output: fault.message };
  }
}

describe('a wrong setting is told in one sentence', () => {
  test.each(EXAMPLES)('%s=%s', async (setting, value, says) => {
    expectSentence(asParsed({ [setting]: value }) ?? (await run({ [setting]: value })), setting, says);
  });

  test('by the command itself', async () => {
    expectSentence(await run({ PORT: 'abc' }), 'PORT', /^PORT must be a port from 0 to 65535, such as 3000\.\n$/);
  });

  test('a port that is taken', async () => {
    const { port } = await listening();
    expectSentence(await run({ PORT: String(port) }), 'PORT', new RegExp(`PORT ${port} of 127.0.0.1 is in use`));
  });

  test('a database that answers with something else than PostgreSQL', async () => {
    const { port } = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const ended = await run({ DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/x` });
    expectSentence(ended, 'DATABASE_URL', /ended the connection|is no PostgreSQL/);
  });

  test('a database that never answers', async () => {
    const { port } = await listening(() => {});
    const ended = await run({ DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/x` });
    expectSentence(ended, 'DATABASE_URL', /does not answer/);
  });
});

describe('a data directory that cannot be used is told in one sentence', () => {
  test('a file', async () => {
    const file = newDirectory();
    writeFileSync(file, '');
    expectSentence(await run({ COUNTERSIGN_DATA_DIR: file }), 'COUNTERSIGN_DATA_DIR', /is a file/);
    const below = join(file, 'below');
    expectSentence(await run({ COUNTERSIGN_DATA_DIR: below }), 'COUNTERSIGN_DATA_DIR', /leads through a file/);
    expectSentence(await run({ COUNTERSIGN_DATA_DIR: file }, 'demo'), 'COUNTERSIGN_DATA_DIR', /is a file/);
  });

  test('one that this account may not write', async () => {
    // Root may write everywhere but here.
    const isRoot = process.getuid?.() === 0;
    const directory = isRoot ? '/sys/countersign' : join(mkdtempSync(join(folder, 'locked-')), 'data');
    if (!isRoot) chmodSync(join(directory, '..'), 0o500);
    const ended = await run({ COUNTERSIGN_DATA_DIR: directory });
    expectSentence(ended, 'COUNTERSIGN_DATA_DIR', /may not be written by this account|mounted read-only/);
    expect(ended.output).not.toContain('PORT');
  });

  test.skipIf(!canMount())('a disk without room for a new database', async () => {
    const directory = newDirectory();
    const disk = mountSmallDisk(directory);
    try {
      disk.fill();
      const ended = await run({ COUNTERSIGN_DATA_DIR: directory });
      expectSentence(ended, 'COUNTERSIGN_DATA_DIR', /is on a disk that is full|MiB left/);
    } finally {
      disk.unmount();
    }
  });

  test('one that another process works on, whatever port that has', { timeout: STARTED_MS }, async () => {
    const directory = existing();
    const port = await freePort();
    const env = { COUNTERSIGN_DATA_DIR: directory, PORT: String(port) };
    await run(env, 'demo', async () => {
      for (const command of ['demo', 'serve']) {
        expectSentence(await run(env, command), 'COUNTERSIGN_DATA_DIR', /is in use by process \d+/);
      }
    });
  });

  test("a demo whose upstream's port is taken", { timeout: STARTED_MS }, async () => {
    const directory = existing();
    await run({ COUNTERSIGN_DATA_DIR: directory }, 'demo');
    const { upstream_url } = JSON.parse(readFileSync(join(directory, 'demo.json'), 'utf8'));
    const { port } = new URL(upstream_url);
    await listening(undefined, Number(port));
    const ended = await run({ COUNTERSIGN_DATA_DIR: directory }, 'demo');
    expectSentence(ended, 'COUNTERSIGN_DATA_DIR', new RegExp(`Port ${port}, at which the tools of the demo`));
  });
});

describe('an address of version 6', () => {
  test.each(['::1', '[::1]'])('HOST=%s serves, and people can sign in', { timeout: STARTED_MS }, async (HOST) => {
    const directory = existing();
    const ended = await run({ HOST, COUNTERSIGN_DATA_DIR: directory }, 'demo', async (url) => {
      expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
      const { workspaces } = JSON.parse(readFileSync(join(directory, 'demo.json'), 'utf8'));
      const { email, password } = workspaces[0].users[0];
      const signIn = await send(url, { origin: url })('POST', '/api/auth/sign-in/email', { email, password });
      expect(signIn.status, signIn.text).toBe(200);
      const elsewhere = { origin: 'https://gate.example.com' };
      const behindTls = await send(url)('POST', '/api/auth/sign-in/email', { email, password }, elsewhere);
      expect(behindTls.body).toMatchObject({ code: 'bad_origin' });
      expect(behindTls.body.detail).toContain('COUNTERSIGN_PUBLIC_URL');
    });
    expect(ended.code, ended.output).toBe(0);
  });
});

test('a Redis that is not there is said, and is no reason not to start', { timeout: STARTED_MS }, async () => {
  const { output } = await run({ REDIS_URL: 'redis://:hunter2@127.0.0.1:1', COUNTERSIGN_DATA_DIR: existing() });
  expect(output).toContain('REDIS_URL (127.0.0.1:1) cannot be used: nothing answers there.');
  expect(output).toContain('is ready');
  expect(output).not.toContain('hunter2');
});

describe.skipIf(!services.databaseUrl)('on PostgreSQL', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  const login = `start_${randomBytes(6).toString('hex')}`;
  const urlOf = (change: (url: URL) => void = () => {}): string => {
    const url = new URL(database.url);
    url.username = login;
    url.password = login;
    change(url);
    return url.href;
  };
  const name = (): string => new URL(database.url).pathname.slice(1);

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`create role ${login} login createrole password '${login}'`);
    await admin.query(`alter database ${name()} owner to ${login}`);
    await admin.query(`alter schema public owner to ${login}`);
    for (const role of ['countersign_app', 'countersign_system']) {
      const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role]);
      if (rowCount === 0) await admin.query(`create role ${role} nologin`);
      await admin.query(`grant ${role} to ${login}`);
    }
  });
  afterAll(async () => {
    await admin?.query(`reassign owned by ${login} to current_user`);
    await admin?.query(`drop owned by ${login}`);
    await admin?.query(`drop role ${login}`);
    await admin?.end();
    await database?.drop();
  });

  test.each<[string, { readonly [part in 'username' | 'password' | 'pathname' | 'search']?: string }, RegExp]>([
    ['a wrong password', { password: 'hunter2' }, /DATABASE_URL has a wrong password/],
    ['no password', { password: '' }, /DATABASE_URL has a wrong password, or none/],
    ['an unknown login', { username: 'nobody_here' }, /wrong password, or none, for nobody_here/],
    ['a missing database', { pathname: '/not_there' }, /names the database not_there/],
    ['TLS where there is none', { search: '?sslmode=verify-full' }, /TLS connection to/],
  ])('%s is told in one sentence', async (_name, change, says) => {
    const ended = await run({ DATABASE_URL: urlOf((url) => Object.assign(url, change)) });
    expectSentence(ended, 'DATABASE_URL', says);
  });

  test('a login whose dates and paths are set otherwise works as any', { timeout: STARTED_MS }, async () => {
    for (const setting of [
      "datestyle = 'German'",
      "intervalstyle = 'sql_standard'",
      "bytea_output = 'escape'",
      "search_path = 'pg_catalog'",
      "timezone = 'Asia/Tokyo'",
    ]) {
      await admin.query(`alter role ${login} in database ${name()} set ${setting}`);
    }
    const directory = newDirectory();
    const env = { DATABASE_URL: urlOf(), COUNTERSIGN_DATA_DIR: directory };
    const ended = await run(env, 'demo', async (url) => {
      const { workspaces } = JSON.parse(readFileSync(join(directory, 'demo.json'), 'utf8'));
      const { users, clients } = workspaces[0];
      const called = await send(url, { authorization: `Bearer ${clients[0].token}` })('POST', '/api/agent/gateway', {
        tool: 'help.search',
        arguments: { q: 'refund' },
      });
      expect(called.status, called.text).toBe(200);
      const { email, password } = users[0];
      const signIn = await send(url)('POST', '/api/auth/sign-in/email', { email, password });
      const cookie = signIn.headers.getSetCookie().map((one) => one.split(';')[0]);
      const owner = send(url, { origin: url, cookie: cookie.join('; ') });
      expect((await owner('POST', '/v1/audit/verify')).body).toMatchObject({ ok: true });
    });
    expect(ended.code, ended.output).toBe(0);
    expect(ended.output).not.toContain('superuser');

    // A second demo of one directory is refused here, too, where no embedded database holds its lock.
    await run(env, 'demo', async () => {
      expectSentence(await run(env, 'demo'), 'COUNTERSIGN_DATA_DIR', /is in use by process \d+/);
    });
  });

  test('a superuser is warned of', { timeout: STARTED_MS }, async () => {
    const own = await createTestDatabase();
    cleanUps.push(() => own.drop());
    const { output } = await run({ DATABASE_URL: own.url });
    expect(output).toMatch(/The login postgres of DATABASE_URL is a superuser: .* Write a login that/);
  });

  test('a node with another key is refused, until the key is replaced', { timeout: STARTED_MS }, async () => {
    const own = await createTestDatabase();
    cleanUps.push(() => own.drop());
    const env = (seed: number): Env => ({ DATABASE_URL: own.url, COUNTERSIGN_SECRETS_KEY: KEY(seed) });
    expect((await run(env(11))).code).toBe(0);
    expect((await run(env(11))).code).toBe(0);
    const refused = await run(env(12));
    expectSentence(refused, 'COUNTERSIGN_SECRETS_KEY', /is not the key that this database was first started with/);
    expect(refused.output).not.toContain(KEY(11).slice(0, 10));
    expectSentence(
      await run({ DATABASE_URL: own.url }),
      'COUNTERSIGN_SECRETS_KEY',
      /secrets\.key of COUNTERSIGN_DATA_DIR/,
    );
    expect((await run(env(12), 'replace-key')).output).toContain('The key is taken.');
    expect((await run(env(12))).code).toBe(0);
    expectSentence(await run(env(11)), 'COUNTERSIGN_SECRETS_KEY', /is not the key/);
    // A new key comes in beside the one that is known, and by itself once the old one is taken out.
    const both = { DATABASE_URL: own.url, COUNTERSIGN_SECRETS_KEY: `${KEY(13)},${KEY(12)}` };
    expectSentence(await run(env(13)), 'COUNTERSIGN_SECRETS_KEY', /name it behind the new one/);
    expect((await run(both)).code).toBe(0);
    expect((await run(env(13))).code).toBe(0);
    expectSentence(await run(env(12)), 'COUNTERSIGN_SECRETS_KEY', /is not the key/);
  });

  test('an older program refuses a newer schema', { timeout: STARTED_MS }, async () => {
    const own = await createTestDatabase();
    cleanUps.push(() => own.drop());
    await run({ DATABASE_URL: own.url }, 'migrate');
    const client = new pg.Client({ connectionString: own.url });
    await client.connect();
    await client.query("update schema_files set revision = 999 where name = 'grants.sql'");
    await client.end();
    for (const command of ['serve', 'migrate']) {
      expectSentence(await run({ DATABASE_URL: own.url }, command), '', /schema revision 999, newer than this version/);
    }
  });
});

/** A server on loopback, until the end of the file. */
async function listening(onSocket?: (socket: Socket) => void, port = 0): Promise<{ port: number }> {
  const server: Server = createServer(onSocket);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
