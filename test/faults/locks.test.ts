import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../support/gate.ts';
import { longFaults, services } from '../support/services.ts';
import { type Ask, call, type Seen, signIn } from './support/caller.ts';
import { newJournal, newOp, note } from './support/load.ts';
import type { Node } from './support/node.ts';
import { expectSettled } from './support/settled.ts';
import { openSite, type Site } from './support/site.ts';
import { whileLocked } from './support/sql.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

/** A lock is held at least so long, and at least until every call that met it has been answered. */
const HELD_MS = longFaults ? 30_000 : 0;
const refused = { kind: 'refused', code: 'store_unavailable', reply: { status: 503 } };

describe.skipIf(!services.databaseUrl)('a lock that somebody else holds', () => {
  let site: Site;
  let world: World;
  let other: World;
  let node: Node;
  const journal = newJournal();
  const othersJournal = newJournal();
  beforeAll(async () => {
    site = await openSite('postgres');
    world = await site.world();
    other = await site.world();
    node = await site.start();
  });
  afterAll(() => site?.close());

  const make = async (which: World, tool: string, ask: Ask = {}): Promise<Seen> => {
    const operation = { op: newOp(), tool };
    const seen = await call(node.url, which, operation, ask);
    note(which === world ? journal : othersJournal, operation, ask, seen);
    return seen;
  };
  const calls = (which: World, count: number, tool = 'effect.keyed'): Promise<Seen[]> =>
    Promise.all(Array.from({ length: count }, () => make(which, tool)));
  const executed = (seen: readonly Seen[]): boolean => seen.every(({ kind }) => kind === 'executed');
  const works = async (): Promise<boolean> => executed(await calls(world, 1)) && executed(await calls(other, 1));

  /** Locks, does `work`, and holds the lock for its full time. */
  const locked = (text: string, values: unknown[], work: () => Promise<void>): Promise<void> =>
    whileLocked(site.databaseUrl!, text, values, async () => {
      const held = delay(HELD_MS);
      await work();
      for (const until = performance.now() + HELD_MS; performance.now() < until; ) await work();
      await held;
    });

  test("on a workspace's configuration: its calls are refused, the other workspaces' are not held up", {
    timeout: 120_000,
  }, async () => {
    await until('calls are made', works);
    await locked('select pg_advisory_xact_lock(facts_lock($1))', [world.tenantId], async () => {
      const stuck = calls(world, 30);
      const denied = make(world, 'no.such_tool');
      for (let wave = 0; wave < 5; wave += 1) expect(executed(await calls(other, 20))).toBe(true);
      for (const seen of [...(await stuck), await denied]) expect(seen).toMatchObject(refused);
    });
    await until('calls are made again', works);
  });

  test.each([
    ['an update', 'update workspaces set name = name where tenant_id = $1'],
    ['a deletion', 'select from workspaces where tenant_id = $1 for update'],
  ])("on a workspace's row, as %s takes it: no call is held up", { timeout: 120_000 }, async (_name, text) => {
    await locked(text, [world.tenantId], async () => {
      expect(executed(await calls(world, 30))).toBe(true);
      expect(executed(await calls(other, 30))).toBe(true);
    });
  });

  test('on an approval: its call is refused and may be made again, no other is held up', {
    timeout: 120_000,
  }, async () => {
    const operation = { op: newOp(), tool: 'effect.approved' };
    const held = await call(node.url, world, operation);
    if (held.kind !== 'pending') throw new Error(`It is ${held.kind}`);
    const { approval_id: approvalId, payload_sha256 } = held.reply.body;
    const owner = send(node.url, await signIn(node.url, world));
    const decided = await owner('POST', `/v1/approvals/${approvalId}/decisions`, {
      decision: 'granted',
      payload_sha256,
    });
    expect(decided.status).toBe(200);
    journal.granted.add(approvalId);

    await locked('select from approvals where id = $1 for update', [approvalId], async () => {
      const stuck = call(node.url, world, operation, { approvalId });
      for (let wave = 0; wave < 5; wave += 1) expect(executed(await calls(other, 20))).toBe(true);
      expect(executed(await calls(world, 20))).toBe(true);
      expect(await stuck).toMatchObject(refused);
    });
    const seen = await call(node.url, world, operation, { approvalId });
    expect(seen.kind).toBe('executed');
    note(journal, operation, { approvalId }, seen);
  });

  test('on the queue: every call is refused, and outcomes wait for it', { timeout: 120_000 }, async () => {
    site.upstream.hold();
    const patient = calls(world, 5, 'effect.patient');
    await until('calls wait for their upstream', () => site.upstream.waiting === 5);
    await locked('lock table gateway_queue, audit_pending in access exclusive mode', [], async () => {
      site.upstream.release();
      const stuck = await Promise.all([calls(world, 30), calls(other, 30)]);
      for (const seen of stuck.flat()) expect(seen).toMatchObject(refused);
    });
    await until('calls are made again', works);
    const kinds = new Set((await patient).map((seen) => (seen.kind === 'refused' ? seen.code : seen.kind)));
    // An outcome is kept for ten seconds; after that nobody may say any more how the call ended.
    expect([...kinds]).toEqual([longFaults ? 'outcome_unknown' : 'executed']);
  });

  test('on the table of calls: one with a key is refused, the others go on and are listed afterwards', {
    timeout: 120_000,
  }, async () => {
    let id: unknown;
    await locked('lock table agent_execution_logs in access exclusive mode', [], async () => {
      const keyed = make(world, 'effect.keyed', { key: newOp() });
      const seen = await calls(world, 30);
      expect(executed(seen)).toBe(true);
      expect(await keyed).toMatchObject(refused);
      id = seen[0]?.kind === 'executed' && seen[0].reply.body.execution_id;
    });
    const { body } = await send(node.url, await signIn(node.url, world))('GET', `/v1/executions/${id}`);
    expect(body).toMatchObject({ id, status: 'executed', result: expect.anything() });
  });

  test('on the audit log: calls go on, and what waits is chained afterwards', { timeout: 120_000 }, async () => {
    await locked('lock table audit_log in share mode', [], async () => {
      expect(executed(await calls(world, 30))).toBe(true);
      await until(
        'the node says that it is behind',
        async () => (await send(node.url)('GET', '/readyz')).body.status === 'behind',
      );
    });
    await until('the node is ready again', async () => (await send(node.url)('GET', '/readyz')).status === 200);
  });

  test('afterwards every promise has been kept, and the chains verify', { timeout: 120_000 }, async () => {
    await expectSettled(site, world, journal, [node]);
    const { chain } = await site.truth(other);
    expect(chain.ok).toBe(true);
  });
});
