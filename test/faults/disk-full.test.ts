import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { longFaults, type RunningPostgres, services } from '../support/services.ts';
import { call, type Seen } from './support/caller.ts';
import { newJournal, newOp, note, startLoad } from './support/load.ts';
import type { Node } from './support/node.ts';
import { expectSettled } from './support/settled.ts';
import { openSite, type Site } from './support/site.ts';
import { canMount, mountSmallDisk, type SmallDisk, startPostgresOnSmallDisk } from './support/small-disk.ts';
import { sql } from './support/sql.ts';
import { until, within } from './support/waiting.ts';
import type { World } from './support/world.ts';

const ROUNDS = longFaults ? 5 : 1;

const here = engines.filter((engine) => engine === 'pglite' || services.postgresBin !== undefined);

// Where nothing may be mounted, there is no disk that could be filled without filling everybody's.
describe.skipIf(!canMount()).each(here)('the disk of %s is full', (engine) => {
  let disk: SmallDisk;
  let postgres: RunningPostgres | undefined;
  let folder: string;
  let site: Site;
  let world: World;
  let node: Node;
  const journal = newJournal();
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
    if (engine === 'postgres') ({ postgres, disk } = await startPostgresOnSmallDisk());
    else disk = mountSmallDisk(folder);
    site = await openSite(postgres === undefined ? { dataDir: join(folder, 'data') } : { databaseUrl: postgres.url });
    world = await site.world();
    node = await site.start();
  });
  afterAll(async () => {
    await site?.close();
    disk?.free();
    disk?.unmount();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const calls = (count: number): Promise<Seen[]> =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const operation = { op: newOp(), tool: 'effect.plain' };
        const seen = await call(node.url, world, operation);
        note(journal, operation, {}, seen);
        return seen;
      }),
    );

  test('calls are refused while it is full, and go on when there is room', { timeout: ROUNDS * 120_000 }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const load = startLoad(node.url, { world, journal, callers: 20, persistent: true });
      const before = journal.answered;
      await until('the load runs', () => journal.answered > before + 100);
      disk.fill();
      await until('no call is let through', async () => {
        const seen = await calls(20);
        return seen.every((one) => one.kind === 'refused' && one.code === 'store_unavailable');
      });
      disk.free();
      // Without room for its log a PostgreSQL server stops by itself, and somebody has to start it.
      if (postgres !== undefined && !(await isUp(postgres))) await postgres.restart();
      await until('calls are made again', async () => (await calls(1))[0]!.kind === 'executed');
      load.stop();
      await load.done;
    }
    expect(new Set(journal.refused.values())).toContain('store_unavailable');
  });

  test('afterwards every promise has been kept, and the chain verifies', { timeout: 120_000 }, async () => {
    await expectSettled(site, world, journal, [node]);
  });
});

// PostgreSQL makes its log in segments of 16 MB, and without room for the next one it cannot go on.
describe.skipIf(!canMount())('the disk of pglite has room for rows but not for the log', () => {
  let disk: SmallDisk;
  let folder: string;
  let site: Site;
  let world: World;
  let node: Node;
  const journal = newJournal();
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
    disk = mountSmallDisk(folder);
    site = await openSite({ dataDir: join(folder, 'data') });
    world = await site.world();
    node = await site.start();
  });
  afterAll(async () => {
    await site?.close();
    disk?.free();
    disk?.unmount();
    rmSync(folder, { recursive: true, force: true });
  });

  const one = async (): Promise<Seen> => {
    const operation = { op: newOp(), tool: 'effect.plain' };
    const seen = await call(node.url, world, operation);
    note(journal, operation, {}, seen);
    return seen;
  };
  const ready = async (): Promise<number> => (await within('/readyz', 20_000, fetch(`${node.url}/readyz`))).status;

  test('every call has an answer, the log says why, and calls go on when there is room', {
    timeout: 240_000,
  }, async () => {
    const load = startLoad(node.url, { world, journal, callers: 20, persistent: true });
    disk.fillBut(14.5 * 1024 * 1024);
    await until(
      'the next segment is needed',
      () => [...journal.refused.values()].includes('store_unavailable'),
      120_000,
    );
    load.stop();
    await within('the end of the load', 60_000, load.done);
    expect(await within('a call', 30_000, one())).toMatchObject({ kind: 'refused', code: 'store_unavailable' });
    expect(await ready()).toBe(503);
    expect(node.log()).toContain('No space left on device');
    expect(node.log()).toContain('It is started again; calls are refused meanwhile.');
    disk.free();
    await until('calls are made again', async () => (await within('a call', 30_000, one())).kind === 'executed');
    expect(await until('it is ready', async () => (await ready()) === 200)).toBe(true);
  });

  test('afterwards every promise has been kept, and the chain verifies', { timeout: 120_000 }, async () => {
    await expectSettled(site, world, journal, [node]);
  });
});

function isUp({ url }: RunningPostgres): Promise<boolean> {
  return sql(url, 'select 1').then(
    () => true,
    () => false,
  );
}
