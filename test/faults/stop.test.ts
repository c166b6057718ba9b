import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { send } from '../support/gate.ts';
import { call, type Seen, signIn } from './support/caller.ts';
import { type Journal, newJournal, newOp, note, startLoad } from './support/load.ts';
import type { Node } from './support/node.ts';
import { expectPromisesKept } from './support/promises.ts';
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
  beforeEach(async () => {
    node = await site.start();
    site.upstream.hold();
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

  test('calls that their upstream answers in time end as ever', async () => {
    const { calls } = await patient();
    const stopped = stop();
    await until('no new connection is taken', refusesConnections);
    site.upstream.release();
    expect((await calls).map(({ kind }) => kind)).toEqual(Array(CALLS).fill('executed'));
    await stopped;
  });

  test('calls that their upstream does not answer are recorded as unknown, and told so', {
    timeout: 60_000,
  }, async () => {
    const { calls } = await patient();
    await stop();
    for (const seen of await calls) expect(seen).toMatchObject({ code: 'outcome_unknown' });
    site.upstream.release();
  });

  test('streams and callers that wait for a decision do not hold it up', async () => {
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
    await stop(NOT_HELD_UP_MS);
    expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual(['pending', 'pending']);
    expect(await events).toContain('event: ready');
  });

  test('under load every call is answered or never begun', async () => {
    const load = startLoad(node.url, { world, journal, callers: 100 });
    await until('the load runs', () => journal.executed.size > 300);
    await stop();
    load.stop();
    await load.done;
  });

  test('afterwards nothing is left open, and every promise has been kept', async () => {
    await stop();
    const truth = await site.truth(world);
    expectPromisesKept(truth, journal, site.upstream);
  });
});
