import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Store } from '../../src/store/store.ts';
import { longFaults, services } from '../support/services.ts';
import { type Cable, startCable } from './support/cable.ts';
import { call, type Seen } from './support/caller.ts';
import { newJournal, newOp, note } from './support/load.ts';
import type { Node } from './support/node.ts';
import { expectSettled } from './support/settled.ts';
import { openSite, type Site } from './support/site.ts';
import { until, within } from './support/waiting.ts';
import type { World } from './support/world.ts';

const ROUNDS = longFaults ? 5 : 1;

describe.skipIf(!services.databaseUrl)('the network between a node and PostgreSQL fails', () => {
  let site: Site;
  let world: World;
  let cable: Cable;
  let node: Node;
  const journal = newJournal();
  beforeAll(async () => {
    site = await openSite('postgres');
    world = await site.world();
    cable = await startCable(site.databaseUrl!);
    node = await site.start({ databaseUrl: cable.databaseUrl });
  });
  afterAll(async () => {
    await site?.close();
    await cable?.close();
  });

  const calls = (count: number): Promise<Seen[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, nth) => {
        // Some are known to the node already, and some are read from the database first.
        const operation = { op: newOp(), tool: nth % 2 === 0 ? 'effect.keyed' : 'fault.run' };
        const ask = nth % 2 === 0 ? {} : { kind: 'error' };
        const seen = await call(node.url, world, operation, ask);
        note(journal, operation, ask, seen);
        return seen;
      }),
    );
  const works = async (): Promise<boolean> => (await calls(1))[0]!.kind === 'executed';
  const refused = { kind: 'refused', code: 'store_unavailable', reply: { status: 503 } };

  test('a database that hangs up at once: calls are refused, and go on when it is back', {
    timeout: ROUNDS * 60_000,
  }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await until('calls are made', works);
      cable.cut();
      for (let wave = 0; wave < 10; wave += 1) {
        for (const seen of await calls(20)) expect(seen).toMatchObject(refused);
      }
      cable.mend();
      await until('calls are made again', works);
    }
  });

  test('connections that end while nobody uses them cost no call', async () => {
    await until('calls are made', works);
    await calls(20);
    const before = cable.connections;
    cable.hangUp();
    // The node has seen the end of all of them when it connects again to hear signals.
    await until('the node connects again', () => cable.connections > before);
    for (const seen of await calls(20)) expect(seen).not.toMatchObject(refused);
  });

  test('one attempt at a time is made to hear signals again, however long it takes', async () => {
    const own = await startCable(site.databaseUrl!);
    // Nothing else of a store connects by itself.
    const store = await Store.open({ databaseUrl: own.databaseUrl, dataDir: null });
    try {
      own.silence();
      own.hangUp();
      const before = own.connections;
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        await until('it tries again', () => own.connections > before + attempt - 1);
        expect(own.connections).toBe(before + attempt);
        own.hangUp();
      }
      own.mend();
      const heard = new Promise((resolve) => store.signals.subscribe(resolve));
      expect(await within('the signal', 30_000, heard)).toEqual({ kind: 'reconnected' });
    } finally {
      own.mend();
      await store.close();
      await own.close();
    }
  });

  test('a database that says nothing any more holds nobody up for ever', { timeout: ROUNDS * 120_000 }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await until('calls are made', works);
      cable.silence();
      for (const seen of await calls(50)) expect(seen).toMatchObject(refused);
      cable.mend();
      await until('calls are made again', works);
    }
  });

  test('afterwards every promise has been kept, and the chain verifies', { timeout: 120_000 }, async () => {
    await expectSettled(site, world, journal, [node]);
  });
});
