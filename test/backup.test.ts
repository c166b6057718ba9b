import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { backUp } from '../src/backup/back-up.ts';
import { type Part, readBackup } from '../src/backup/format.ts';
import { putBack } from '../src/backup/put-back.ts';
import { verifyChain } from '../src/ledger/verify.ts';
import { Store } from '../src/store/store.ts';
import { engines } from './support/engines.ts';
import { PROGRAM, programEnv } from './support/program.ts';
import { readyDirectory } from './support/ready.ts';
import { services } from './support/services.ts';
import { createTestDatabase } from './support/store.ts';
import { asSuperuser } from './support/superuser.ts';
import { openWorkbench, type Workbench } from './support/workbench.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const newPath = (): string => join(folder, randomBytes(6).toString('hex'));

/** Where a store can be: embedded, on PostgreSQL as its superuser, and as the owner of the database and nothing more. */
type Place = 'pglite' | 'postgres' | 'postgres as owner';
const places: readonly Place[] = engines.flatMap((engine): Place[] =>
  engine === 'pglite' ? ['pglite'] : ['postgres', 'postgres as owner'],
);

async function emptyStore(place: Place): Promise<Store> {
  const store = await (async () => {
    if (place === 'pglite') {
      const dataDir = readyDirectory();
      cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }));
      return Store.open({ dataDir });
    }
    const database = await createTestDatabase();
    cleanUps.push(() => database.drop());
    const url = place === 'postgres' ? database.url : await asOwner(database.url);
    return Store.open({ databaseUrl: url, dataDir: null });
  })();
  cleanUps.push(() => store.close());
  return store;
}

/** Gives a database to a login that is no superuser and is held to row level security. */
async function asOwner(url: string): Promise<string> {
  const login = `owner_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`create role ${login} login createrole password '${login}'`);
  for (const role of ['countersign_app', 'countersign_system']) {
    const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role]);
    if (rowCount === 0) await admin.query(`create role ${role} nologin`);
    await admin.query(`grant ${role} to ${login}`);
  }
  await admin.query(`alter schema public owner to ${login}`);
  const tables = await admin.query<{ name: string }>(
    `select format('%s %s', case relkind when 'S' then 'sequence' else 'table' end, oid::regclass) as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  for (const { name } of tables.rows) await admin.query(`alter ${name} owner to ${login}`);
  cleanUps.push(async () => {
    await admin.query(`reassign owned by ${login} to current_user`);
    await admin.query(`drop owned by ${login}`);
    await admin.query(`drop role ${login}`);
    await admin.end();
  });
  const owned = new URL(url);
  owned.username = login;
  owned.password = login;
  return owned.href;
}

/** A gate where everything a backup has to hold happened: calls of every outcome, votes, a switch; and queues not empty. */
async function busyGate(engine: 'pglite' | 'postgres'): Promise<Workbench> {
  const bench = await openWorkbench(engine);
  cleanUps.push(() => bench.close());
  const client = await bench.newClient();
  const tool = await bench.newTool();
  await bench.newGrant(client.id, tool.name, 'approve', ['member']);
  const text = 'Zeichen: "\u2028\u2029\r\\ 💶 \u202e';
  const held = await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text } });
  const { approval_id, payload_sha256 } = held.body;
  await bench.people.admin('POST', `/v1/approvals/${approval_id}/decisions`, { decision: 'granted', payload_sha256 });
  await bench.people.owner('POST', '/v1/kill-switches', {
    scope: 'client',
    id: client.id,
    reason: 'Stopped for a test.',
  });
  for (let call = 0; call < 30; call += 1) {
    const made = await bench.gate.client()('POST', '/api/agent/gateway', { tool: 'notes.draft', arguments: { text } });
    expect(made.status, made.text).toBeLessThan(300);
  }
  return bench;
}

async function partsOf(file: string): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of readBackup(file)) parts.push(part);
  return parts;
}

/** Every row and every chain's end, without what tells one file from another. */
async function contentOf(file: string): Promise<unknown[]> {
  const parts = await partsOf(file);
  return parts.flatMap((part): unknown[] => {
    if (part.kind === 'row') return [part];
    return part.kind === 'header' ? [part.header.tables, part.header.sequences] : [part.footer.rows, part.footer.heads];
  });
}

// A superuser sees what an owner has to look for, and is one of the places that a backup is put back into.
const sources = places.filter((place) => place !== 'postgres');

describe.each(sources)('a backup of %s', (from) => {
  test('holds everything, and put back it is the same, wherever', { timeout: 480_000 }, async () => {
    const bench = await busyGate(from === 'pglite' ? 'pglite' : 'postgres');
    const { store: serving } = bench.gate.running.app;
    const login = from === 'postgres as owner' ? await asOwner(bench.gate.databaseUrl!) : undefined;
    const source = login === undefined ? serving : await Store.open({ databaseUrl: login, dataDir: null });
    if (source !== serving) cleanUps.push(() => source.close());

    const file = newPath();
    const copied = await backUp(source, file, { 'demo.json': 'e30=' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(copied.heads).toHaveLength(2);
    expect(copied.heads.every(({ fault, seq }) => fault === undefined && seq > 10)).toBe(true);
    const seen = await asSuperuser(bench.gate, (sql) =>
      sql<{ calls: number; users: number; links: number }>(
        `select (select count(*) from auth_users)::int as users, (select count(*) from audit_log)::int as links,
        (select count(*) from agent_execution_logs)::int as calls`,
      ),
    );
    expect(copied.rows.auth_users).toBe(seen[0]!.users);
    expect(copied.rows.approval_decisions).toBe(1);
    expect(copied.rows.audit_log).toBeGreaterThan(20);
    expect(copied.rows.audit_log).toBeLessThanOrEqual(seen[0]!.links);

    for (const to of places) {
      const target = await emptyStore(to);
      const again = newPath();
      await putBack(target, file, ({ files }) => expect(files).toEqual({ 'demo.json': 'e30=' }));
      await backUp(target, again, {});
      expect(await contentOf(again)).toEqual(await contentOf(file));
      for (const { tenant_id, seq } of copied.heads) {
        expect(await verifyChain(target, tenant_id)).toMatchObject({ ok: true, checked: seq });
      }
      const left = await target.asLogin('snapshot', (query) =>
        query(`select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity
            and not relforcerowsecurity
          union all select tgname from pg_trigger where tgenabled <> 'O'`),
      );
      expect(left).toEqual([]);
      await expect(putBack(target, file, () => {})).rejects.toThrow(/The store is not empty/);
    }
  });
});

describe('a backup that cannot be used', () => {
  let store: Store;
  let whole: Buffer;
  const dataDir = readyDirectory();
  beforeAll(async () => {
    store = await Store.open({ dataDir });
    const file = newPath();
    await backUp(store, file, {});
    whole = readFileSync(file);
  });
  afterAll(async () => {
    await store?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const bad = async (change: (bytes: Buffer) => Buffer, says: RegExp): Promise<void> => {
    const file = newPath();
    writeFileSync(file, change(whole));
    await expect(putBack(store, file, () => {})).rejects.toThrow(says);
  };

  test('was cut short', () => bad((bytes) => bytes.subarray(0, bytes.length - 20), /not a whole backup/));
  test('was cut at a line', () =>
    bad((bytes) => gzipSync(gunzipSync(bytes).toString().split('\n').slice(0, -2).join('\n')), /not a whole backup/));
  test('was changed', () =>
    bad((bytes) => gzipSync(gunzipSync(bytes).toString().replace('# workspaces\n', '# workspaces\n{}\n')), /changed/));
  test('is something else', () => bad(() => Buffer.from('hello'), /not a whole backup/));
  test('is JSON, but no backup', () => bad(() => gzipSync('{}\n'), /not a whole backup/));
  test('is of another schema', () =>
    bad((bytes) => {
      const [header, ...rest] = gunzipSync(bytes).toString().split('\n');
      const other = JSON.stringify({ ...JSON.parse(header!), tables: { auth_users: ['id'] }, version: '9.9.9' });
      const lines = [other, ...rest.filter((line) => line === '# auth_users')];
      const body = `${lines.join('\n')}\n`;
      const sha256 = spawnSync('sha256sum', { input: body }).stdout.toString().slice(0, 64);
      return gzipSync(`${body}#end ${JSON.stringify({ rows: {}, heads: [], sha256 })}\n`);
    }, /made by Countersign 9\.9\.9, whose tables are not those/));

  test('is none, for nothing may fail and leave half of it', async () => {
    await expect(putBack(store, join(folder, 'not-there'), () => {})).rejects.toThrow(/There is no file/);
    const file = newPath();
    const bench = await busyGate('pglite');
    await backUp(bench.gate.running.app.store, file, {});
    await expect(
      putBack(store, file, () => {
        throw new Error('the last moment');
      }),
    ).rejects.toThrow('the last moment');
    const counted = await store.asLogin('snapshot', (query) => query('select count(*)::int as count from auth_users'));
    expect(counted).toEqual([{ count: 0 }]);
    await putBack(store, file, () => {});
  });
});

test('a chain that does not hold is copied, and said', async () => {
  const bench = await busyGate('pglite');
  await bench.gate.sequenced();
  await bench.sql('update audit_log set outcome = $1 where tenant_id = $2 and seq = 3', [
    'changed',
    bench.gate.tenantId,
  ]);
  const { heads } = await backUp(bench.gate.running.app.store, newPath(), {});
  expect(heads.filter(({ fault }) => fault !== undefined)).toMatchObject([
    { tenant_id: bench.gate.tenantId, seq: 2, fault: 'link 3: the column outcome does not say what the entry says' },
  ]);
});

test('on the command line, from one directory into another', { timeout: 480_000 }, async () => {
  const dataDir = readyDirectory();
  const file = newPath();
  const run = (command: string[], env: Record<string, string>) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...command], {
      env: programEnv({ PORT: '0', ...env }),
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  writeFileSync(join(dataDir, 'secrets.key'), randomBytes(32).toString('base64'), { mode: 0o600 });

  const made = run(['backup', file], { COUNTERSIGN_DATA_DIR: dataDir });
  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(made.stdout).toContain(`Kept in ${file}.`);
  const twice = run(['backup', file], { COUNTERSIGN_DATA_DIR: dataDir });
  expect(twice).toEqual({ status: 1, stdout: '', stderr: `${file} is there already. Write the path of a new file.\n` });
  const nowhere = run(['backup', '/not/there/file'], { COUNTERSIGN_DATA_DIR: dataDir });
  expect(nowhere).toMatchObject({ status: 1, stderr: expect.stringContaining('/not/there/file cannot be written') });
  expect(run(['backup'], {}).stderr).toBe('Write: countersign backup <new file>\n');

  const other = newPath();
  const back = run(['restore', file], { COUNTERSIGN_DATA_DIR: other });
  expect(back).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(other, 'secrets.key'), 'utf8')).toBe(readFileSync(join(dataDir, 'secrets.key'), 'utf8'));
  const taken = readyDirectory();
  writeFileSync(join(taken, 'secrets.key'), 'another');
  expect(run(['restore', file], { COUNTERSIGN_DATA_DIR: taken }).stderr).toMatch(
    /secrets\.key is there, and is not the backup's/,
  );
});

describe.skipIf(!services.databaseUrl)('who may copy', () => {
  test('is the owner of the tables, not a login that only serves', async () => {
    const database = await createTestDatabase();
    cleanUps.push(() => database.drop());
    const owner = await Store.open({ databaseUrl: database.url, dataDir: null });
    await owner.close();
    const login = `serves_${randomBytes(6).toString('hex')}`;
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`create role ${login} login password '${login}' in role countersign_app, countersign_system`);
    cleanUps.push(async () => {
      await admin.query(`drop role ${login}`);
      await admin.end();
    });
    const url = new URL(database.url);
    url.username = login;
    url.password = login;
    const store = await Store.open({ databaseUrl: url.href, dataDir: null });
    cleanUps.push(() => store.close());
    await expect(backUp(store, newPath(), {})).rejects.toThrow(
      /does not own the table .* DATABASE_URL of the role that owns/,
    );
  });
});
