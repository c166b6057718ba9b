import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { send } from '../support/gate.ts';
import { call, type Seen, signIn } from './support/caller.ts';
import { type Journal, newJournal, newOp, note, startLoad } from './support/load.ts';
import type { Node } from './support/node.ts';
import { countByStatus, expectPromisesKept } from './support/promises.ts';
import { openSite, type Site } from './support/site.ts';
import { until, within } from './support/waiting.ts';
import type { World } from './support/world.ts';

/** A stop ends within this, whatever is under way. */
const STOPPED_MS = 10_000;
/** Calls get eight seconds to end; a stop that takes less was not held up by anything. */
const NOT_HELD_UP_MS = 7_000;
const CALLS = 20;

describe.each(engines)('a graceful stop on %s', (engine) => {
  let site: Site;
  let world: World;
  let node: Node;
  const journal: Journal = newJournal();
  beforeAll(async () => {
    site = await openSite(engine);
    world = await site.world();
  });
  afterAll(() => site?.close());

  const make = async (tool: string): Promise<Seen> => {
    const operation = { op: newOp(), tool };
    const seen = await call(node.url, world, operation);
    note(journal, operation, {}, seen);
    return seen;
  };
  const patient = async (): Promise<{ calls: Promise<Seen[]> }> => {
    const calls = Promise.all(Array.from({ length: CALLS }, () => make('effect.patient')));
    await until('calls wait for their upstream', () => site.upstream.waiting === CALLS);
    return { calls };
  };
  const stop = async (limitMs = STOPPED_MS): Promise<void> => {
    node.kill('SIGTERM');
    expect(await within('the stop', limitMs, node.exited), node.log()).toEqual({ code: 0, signal: null });
  };
  const refusesConnections = (): Promise<boolean> =>
    fetch(`${node.url}/healthz`, { headers: { connection: 'close' } }).then(
      () => false,
      () => true,
    );

  test('what is answered in time ends as ever, and streams and waiting callers hold nothing up', async () => {
    node = await site.start();
    const owner = await signIn(node.url, world);
    const stream = await fetch(`${node.url}/v1/events`, { headers: owner });
    expect(stream.status).toBe(200);
    const events = stream.text();
    const waiting = [false, true].map((executeOnApproval) =>
      call(node.url, world, { op: newOp(), tool: 'effect.approved' }, { prefer: 'wait=60', executeOnApproval }),
    );
    await until('both wait for a decision', async () => {
      const { body } = await send(node.url, owner)('GET', '/v1/approvals?status=pending');
      return body.items.length === 2;
    });
    const { calls } = await patient();

    const stopped = stop(NOT_HELD_UP_MS);
    await until('no new connection is taken', refusesConnections);
    site.upstream.release();
    expect((await calls).map(({ kind }) => kind)).toEqual(Array(CALLS).fill('executed'));
    expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual(['pending', 'pending']);
    expect(await events).toContain('event: ready');
    await stopped;
  });

  test('what is not answered in time is recorded as unknown, under load, too', { timeout: 60_000 }, async () => {
    node = await site.start();
    site.upstream.hold();
    const load = startLoad(node.url, { world, journal, callers: 60 });
    await until('the load runs', () => journal.executed.size > 300);
    const { calls } = await patient();
    await stop();
    for (const seen of await calls) expect(seen).toMatchObject({ kind: 'refused', code: 'outcome_unknown' });
    load.stop();
    await load.done;
    site.upstream.release();
  });

  test('afterwards nothing was left open, and every promise has been kept', { timeout: 120_000 }, async () => {
    const truth = await site.truth(world);
    expectPromisesKept(truth, journal, site.upstream);
    expect(countByStatus(truth).unknown).toBeGreaterThanOrEqual(CALLS);
  });
});
