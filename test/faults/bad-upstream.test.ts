import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { longFaults, services } from '../support/services.ts';
import type { BadKind } from './support/bad-answers.ts';
import { call, type Seen } from './support/caller.ts';
import { newJournal, newOp, note } from './support/load.ts';
import type { Node } from './support/node.ts';
import { countByStatus, expectPromisesKept } from './support/promises.ts';
import { openSite, type Site } from './support/site.ts';
import type { World } from './support/world.ts';

const AT_ONCE = longFaults ? 100 : 20;
const MEGABYTE = 1024 * 1024;
/** What a hundred answers of a megabyte may take on their way through, with room for the collector to be late. */
const GROWTH_MAX = 384 * MEGABYTE;

const unknown = { kind: 'refused', code: 'outcome_unknown' };
const executed = (result: unknown) => ({ kind: 'executed', reply: { body: { status: 'executed', result } } });

/** What a caller is told about each kind of bad answer, and what is recorded. */
const EXPECTED: Readonly<Record<BadKind, readonly [status: string, seen: object]>> = {
  hang: ['unknown', unknown],
  drip: ['unknown', unknown],
  cut: ['unknown', unknown],
  cut_within: ['unknown', unknown],
  long: ['executed', executed({ truncated: true })],
  bomb: ['executed', executed({ truncated: true })],
  garbage: ['executed', executed({ note: 'invalid_json' })],
  error: ['failed', { kind: 'failed', reply: { body: { error: { code: 'upstream_error', http_status: 500 } } } }],
  large: ['executed', executed(expect.arrayContaining(['']))],
};

describe(`an upstream that misbehaves, ${AT_ONCE} calls at once`, () => {
  let site: Site;
  let world: World;
  let node: Node;
  const journal = newJournal();
  const recorded: Record<string, number> = {};
  beforeAll(async () => {
    site = await openSite(services.databaseUrl ? 'postgres' : 'pglite');
    world = await site.world();
    node = await site.start();
    // What is loaded once is no growth.
    for (let nth = 0; nth < 3; nth += 1) await ask('large');
  });
  afterAll(() => site?.close());

  const ask = async (kind: BadKind): Promise<Seen> => {
    const operation = { op: newOp(), tool: 'fault.run' };
    const seen = await call(node.url, world, operation, { kind });
    note(journal, operation, { kind }, seen);
    const [status] = EXPECTED[kind];
    recorded[status] = (recorded[status] ?? 0) + 1;
    return seen;
  };

  test.each(Object.entries(EXPECTED))(
    '%s: the right outcome, in bounded memory',
    { timeout: 120_000 },
    async (kind, [, expected]) => {
      const before = process.platform === 'linux' ? node.memory().peak : 0;
      const all = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(kind as BadKind)));
      for (const seen of all) expect(seen).toMatchObject(expected);
      if (process.platform === 'linux') expect(node.memory().peak - before).toBeLessThan(GROWTH_MAX);
      console.log(kind, (node.memory().peak - before) / MEGABYTE, node.memory().peak / MEGABYTE);
    },
  );

  test('afterwards every outcome is recorded, and the chain verifies', async () => {
    node.kill('SIGTERM');
    expect(await node.exited).toEqual({ code: 0, signal: null });
    const truth = await site.truth(world);
    expectPromisesKept(truth, { ...journal, executed: new Map() }, site.upstream);
    expect(countByStatus(truth)).toEqual(recorded);
  });
});
