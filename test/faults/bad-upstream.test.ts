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
/** More of them would keep a core busy for longer than the tool has time. */
const LARGE_AT_ONCE = 20;
const MEGABYTE = 1024 * 1024;
/** What the calls of a kind may take: an answer is read to one megabyte, and it is parsed, quoted and sent on. */
const GROWTH_MAX = (64 + 16 * AT_ONCE) * MEGABYTE;

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
      const count = kind === 'large' ? LARGE_AT_ONCE : AT_ONCE;
      const all = await Promise.all(Array.from({ length: count }, () => ask(kind as BadKind)));
      for (const seen of all) expect(seen).toMatchObject(expected);
      if (process.platform === 'linux') expect(node.memory().peak - before).toBeLessThan(GROWTH_MAX);
    },
  );

  test('afterwards every outcome is recorded, and the chain verifies', { timeout: 120_000 }, async () => {
    node.kill('SIGTERM');
    expect(await node.exited).toEqual({ code: 0, signal: null });
    const truth = await site.truth(world);
    expectPromisesKept(truth, { ...journal, executed: new Map() }, site.upstream);
    expect(countByStatus(truth)).toEqual(recorded);
  });
});
