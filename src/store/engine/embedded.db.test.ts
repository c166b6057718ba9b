import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Store } from '../store.ts';
import { EngineKeeper } from './engine-keeper.ts';
import { EngineStream } from './engine-stream.ts';
import { ENGINE_LIMITS } from './engine-thread.ts';

const MEBIBYTE = 1024 * 1024;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-engine-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what the engine answered is not kept', async () => {
  const keeper = await EngineKeeper.start(null, () => {});
  const client = new pg.Client({
    stream: (() => new EngineStream(() => keeper.claim())) as unknown as () => never,
    user: 'postgres',
    database: 'postgres',
  });
  await client.connect();
  /** The least of many readings: what is garbage comes and goes. */
  const round = async (): Promise<number> => {
    let least = Number.POSITIVE_INFINITY;
    for (let statement = 0; statement < 1_000; statement += 1) {
      await client.query('select generate_series(1, $1::int)', [200]);
      if (statement % 50 === 0) least = Math.min(least, await keeper.heapUsed());
    }
    return least;
  };
  const before = await round();
  await round();
  const after = await round();
  // Kept, 2,000 answers of 200 rows would be 40 MB and more.
  expect((after - before) / MEBIBYTE).toBeLessThan(8);
  await client.end();
  await keeper.close();
});

describe('an engine that gives no answer', () => {
  const said: string[] = [];
  let store: Store;
  beforeAll(async () => {
    store = await Store.open({
      dataDir: join(folder, 'stuck'),
      report: (_level, sentence) => said.push(sentence),
      limits: { ...ENGINE_LIMITS, answerMs: 1_000 },
    });
  });

  test('is started again, with everything it had acknowledged', async () => {
    const clock = store.clock.now();
    await store.withTenant('0190d9c0-0000-7000-8000-000000000001', async ({ db }) => {
      await db
        .insertInto('workspaces')
        .values({ tenant_id: '0190d9c0-0000-7000-8000-000000000001', slug: 'kept', name: 'Kept' })
        .execute();
    });
    const endless = store.engine.pool.query('do $$ begin loop end loop; end $$');
    const waiting = store.withTenant('0190d9c0-0000-7000-8000-000000000001', async () => {});
    await expect(endless).rejects.toThrow('Connection terminated');
    await waiting.catch(() => {});
    const slugs = await store.withTenant('0190d9c0-0000-7000-8000-000000000001', ({ db }) =>
      db.selectFrom('workspaces').select('slug').execute(),
    );
    expect(slugs).toEqual([{ slug: 'kept' }]);
    expect(said).toEqual([
      'The embedded database stopped: a statement had no answer after 1 s. It is started again; calls are refused meanwhile.',
      'The embedded database works again.',
    ]);
    expect(store.clock.now().getTime()).toBeGreaterThan(clock.getTime());
  });

  test('runs as the role that serves requests, also after that', async () => {
    const { rows } = await store.engine.pool.query('select current_user as role');
    expect(rows).toEqual([{ role: 'countersign_app' }]);
  });

  test('does not keep the store from being closed', async () => {
    store.engine.pool.query('do $$ begin loop end loop; end $$').catch(() => {});
    await store.close();
  });
});

describe.skipIf(process.platform === 'win32')('the data directory', () => {
  const openToOthers = (path: string): string[] => {
    const found = lstatSync(path);
    const below = found.isDirectory() ? readdirSync(path).flatMap((name) => openToOthers(join(path, name))) : [];
    return (found.mode & 0o077) === 0 ? below : [path, ...below];
  };
  const umask = process.umask();
  afterEach(() => void process.umask(umask));

  test('is closed to others, with everything in it, and the operator is told', async () => {
    const dataDir = join(folder, 'open');
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o755);
    process.umask(0);
    const first = await Store.open({ dataDir });
    expect(first.engine.warnings).toEqual([expect.stringContaining(`${dataDir} was open to other accounts`)]);
    await first.engine.pool.query('select * from workspaces');
    await first.vacuumQueues();
    await first.close();
    expect(openToOthers(dataDir)).toEqual([]);

    chmodSync(join(dataDir, 'db', 'PG_VERSION'), 0o666);
    const second = await Store.open({ dataDir });
    expect(second.engine.warnings).toEqual([expect.stringContaining('1 files and folders of the database')]);
    await second.close();
    expect(openToOthers(dataDir)).toEqual([]);
  });

  test('is refused where it is shared by design', async () => {
    const dataDir = join(folder, 'shared');
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o1777);
    await expect(Store.open({ dataDir })).rejects.toThrow(join(dataDir, 'countersign'));
    expect(lstatSync(dataDir).mode & 0o7777).toBe(0o1777);
  });

  test('is not written over when its database cannot be told', async () => {
    const dataDir = join(folder, 'torn');
    mkdirSync(join(dataDir, 'db'), { recursive: true, mode: 0o700 });
    writeFileSync(join(dataDir, 'db', 'kept'), 'rows');
    await expect(Store.open({ dataDir })).rejects.toThrow('PG_VERSION is missing');
    expect(readdirSync(join(dataDir, 'db'))).toEqual(['kept']);
  });
});
