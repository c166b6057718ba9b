import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../support/gate.ts';
import { longFaults, type RunningPostgres, services, startPostgres } from '../support/services.ts';
import { call, type Seen, signIn } from './support/caller.ts';
import { newJournal, newOp, note, startLoad } from './support/load.ts';
import type { Node } from './support/node.ts';
import { expectSettled } from './support/settled.ts';
import { openSite, type Site } from './support/site.ts';
import { sql } from './support/sql.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

const ROUNDS = longFaults ? 10 : 1;
const CALLERS = 40;

describe.skipIf(!services.postgresBin)('PostgreSQL fails under load', () => {
  let postgres: RunningPostgres;
  let site: Site;
  let world: World;
  let node: Node;
  const journal = newJournal();
  beforeAll(async () => {
    postgres = await startPostgres();
    site = await openSite({ databaseUrl: postgres.url });
    world = await site.world();
    node = await site.start();
  });
  afterAll(async () => {
    await site?.close();
    await postgres?.stop();
  });

  const calls = (count: number, tool = 'effect.keyed'): Promise<Seen[]> =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const operation = { op: newOp(), tool };
        const seen = await call(node.url, world, operation);
        note(journal, operation, {}, seen);
        return seen;
      }),
    );
  const works = async (): Promise<boolean> => (await calls(1))[0]!.kind === 'executed';
  const underLoad = () => startLoad(node.url, { world, journal, callers: CALLERS, persistent: true });
  const isGone = () =>
    sql(postgres.url, 'select 1').then(
      () => false,
      () => true,
    );

  test.each(['SIGINT', 'SIGQUIT'] as const)(
    'stopped with %s: calls are refused, and go on when it is back',
    { timeout: ROUNDS * 60_000 },
    async (signal) => {
      const owner = await signIn(node.url, world);
      for (let round = 0; round < ROUNDS; round += 1) {
        const load = underLoad();
        site.upstream.hold();
        const patient = calls(5, 'effect.patient');
        await until('calls wait for their upstream', () => site.upstream.waiting === 5);
        const before = journal.answered;
        await until('the load runs', () => journal.answered > before + 100);

        postgres.kill(signal);
        await until('PostgreSQL is gone', isGone);
        for (const seen of await calls(20))
          expect(seen).toMatchObject({ kind: 'refused', code: 'store_unavailable', reply: { status: 503 } });
        const anyone = send(node.url);
        expect(await anyone('GET', '/healthz')).toMatchObject({ status: 200 });
        // Its answer is remembered for a second.
        expect(
          await until('the node says that it is not ready', async () => {
            const { status, body } = await anyone('GET', '/readyz');
            return status === 503 && body;
          }),
        ).toMatchObject({ store: 'unavailable' });
        expect((await send(node.url, owner)('GET', '/v1/approvals')).body).toMatchObject({ code: 'store_unavailable' });

        // What happened outside meanwhile is kept until it can be recorded.
        site.upstream.release();
        await postgres.restart();
        expect((await patient).map(({ kind }) => kind)).toEqual(Array(5).fill('executed'));
        await until('calls are made again', works);
        const after = journal.answered;
        await until('the load runs again', () => journal.answered > after + 100);
        load.stop();
        await load.done;
        expect(
          await until('the node is ready again', async () => {
            const { status, body } = await anyone('GET', '/readyz');
            return status === 200 && body;
          }),
        ).toMatchObject({ status: 'ok' });
      }
    },
  );

  test('connections cut again and again: every call is answered, and calls go on', {
    timeout: ROUNDS * 60_000,
  }, async () => {
    const load = underLoad();
    for (let cut = 0; cut < ROUNDS * 10; cut += 1) {
      const before = journal.answered;
      await until('the load runs', () => journal.answered > before + 40);
      await sql(
        postgres.url,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'countersign'`,
      );
    }
    load.stop();
    await load.done;
    await until('calls are made again', works);
    // One connection listens for signals, however often it was cut.
    const listening = `select count(*)::int as count from pg_stat_activity where query ilike 'listen %'`;
    await until('the node listens for signals', async () => (await sql(postgres.url, listening))[0].count > 0);
    expect(await sql(postgres.url, listening)).toEqual([{ count: 1 }]);
  });

  test('afterwards every promise has been kept, and the chain verifies', { timeout: 120_000 }, async () => {
    const codes = new Set(journal.refused.values());
    codes.delete('outcome_unknown');
    expect([...codes]).toEqual(['store_unavailable']);
    const truth = await expectSettled(site, world, journal, [node]);
    expect(truth.events.length).toBeGreaterThan(300);
  });
});
