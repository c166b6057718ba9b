import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { send } from '../support/gate.ts';
import { longFaults } from '../support/services.ts';
import { call, signIn } from './support/caller.ts';
import { type Journal, newJournal, note, startLoad } from './support/load.ts';
import type { Node } from './support/node.ts';
import { countByStatus, expectPromisesKept } from './support/promises.ts';
import { openSite, type Site } from './support/site.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

const KILLS = longFaults ? 25 : 3;
const CALLERS = 200;
const APPROVING = 16;
const ANSWERS_BETWEEN_KILLS = 400;

describe.each(engines)('kill -9 with 200 calls in flight on %s', (engine) => {
  let site: Site;
  let world: World;
  const journal = newJournal();
  beforeAll(async () => {
    site = await openSite(engine);
    world = await site.world();
  });
  afterAll(() => site?.close());

  test(`loses nothing that was acknowledged and does nothing twice, ${KILLS} times over`, {
    timeout: KILLS * 60_000,
  }, async () => {
    let owner: Record<string, string> | undefined;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const node = await site.start();
      owner ??= await signIn(node.url, world);
      await askAgain(node, world, journal);
      const before = journal.answered;
      const load = startLoad(node.url, {
        world,
        journal,
        callers: CALLERS,
        approving: { callers: APPROVING, owner },
      });
      await until(
        'enough calls have been answered, people have decided, and 200 are in flight',
        () =>
          journal.answered >= before + ANSWERS_BETWEEN_KILLS &&
          journal.granted.size >= 2 * (kill + 1) &&
          load.inFlight === CALLERS,
      );
      node.kill();
      await node.exited;
      await load.done;
    }

    const node = await site.start();
    await until('every unanswered call has an answer', async () => {
      await askAgain(node, world, journal);
      return journal.lost.size === 0;
    });
    await until('no call is running', async () => (await executions(node, owner!, 'running')).length === 0);
    const unknown = await executions(node, owner!, 'unknown');
    expect(unknown.length).toBeGreaterThan(0);
    node.kill('SIGTERM');
    expect(await node.exited).toEqual({ code: 0, signal: null });

    const truth = await site.truth(world);
    expectPromisesKept(truth, journal, site.upstream);
    expect(countByStatus(truth).unknown).toBe(unknown.length);
    expect(journal.granted.size).toBeGreaterThan(KILLS);
  });
});

/** Makes every unanswered request again, just as it was: what it asks for is never done twice, whatever was lost. */
async function askAgain(node: Node, world: World, journal: Journal): Promise<void> {
  await Promise.all(
    [...journal.lost.values()].map(async ({ operation, ask }) => {
      note(journal, operation, ask, await call(node.url, world, operation, ask));
    }),
  );
}

/** The ids of all calls of a status, as the API lists them. */
async function executions(node: Node, owner: Record<string, string>, status: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = `status=${status}&limit=100${cursor && `&cursor=${cursor}`}`;
    const { body } = await send(node.url, owner)('GET', `/v1/executions?${query}`);
    ids.push(...body.items.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
  }
  return ids;
}
