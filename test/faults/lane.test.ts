import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/store/fault.ts';
import { ByteWriter } from '../../src/store/flush/byte-writer.ts';
import { OwnLane } from '../../src/store/flush/lane.ts';
import { type Flushed, type FlushStatement, writeFlush } from '../../src/store/flush/statement.ts';
import { services } from '../support/services.ts';
import { createTestDatabase, type TestDatabase } from '../support/store.ts';
import { type Cable, startCable } from './support/cable.ts';
import { until, within } from './support/waiting.ts';

const SILENCE_MS = 300;
const STATEMENT: FlushStatement = { name: 'one', text: "select 1, '{}', '{}'", parameters: [] };

describe.skipIf(!services.databaseUrl)('a lane', () => {
  let database: TestDatabase;
  let watching: pg.Client;
  let cable: Cable;
  beforeAll(async () => {
    database = await createTestDatabase();
    watching = new pg.Client({ connectionString: database.url });
    await watching.connect();
    cable = await startCable(database.url);
  });
  afterAll(async () => {
    await cable?.close();
    await watching?.end();
    await database?.drop();
  });

  const open = () => new OwnLane({ connectionString: cable.databaseUrl, connectionTimeoutMillis: 3_000 }, SILENCE_MS);
  const run = (lane: OwnLane): Promise<Flushed> => {
    const out = new ByteWriter();
    writeFlush(out, STATEMENT, () => {});
    return lane.run(STATEMENT, out.bytes());
  };
  const held = async (): Promise<number> => {
    const { rows } = await watching.query<{ count: number }>(
      'select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    return rows[0]!.count;
  };

  test('keeps its connection, and makes no second one', async () => {
    const lane = open();
    const before = cable.connections;
    for (let nth = 0; nth < 20; nth += 1) expect((await run(lane)).written).toBe(1);
    expect(cable.connections).toBe(before + 1);
    await lane.close();
    await until('it has let go', async () => (await held()) === 0);
  });

  test('lets go of a connection that nobody uses, before the network forgets it', async () => {
    const lane = open();
    await run(lane);
    await until('it has let go', async () => (await held()) === 0);
    expect((await run(lane)).written).toBe(1);
    await lane.close();
  });

  test('gives up a database that says nothing, and takes another connection', async () => {
    const lane = open();
    await run(lane);
    cable.silence();
    try {
      await expect(within('the flush', 10_000, run(lane))).rejects.toThrow('Connection terminated');
    } finally {
      cable.mend();
    }
    expect((await run(lane)).written).toBe(1);
    await lane.close();
  });

  test('opens nothing any more once it is closed', async () => {
    const lane = open();
    await run(lane);
    await lane.close();
    const before = cable.connections;
    await expect(run(lane)).rejects.toThrow(StoreUnavailable);
    expect(cable.connections).toBe(before);
  });
});
