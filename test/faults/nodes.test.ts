import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../support/gate.ts';
import { longFaults, services } from '../support/services.ts';
import { type Cable, startCable } from './support/cable.ts';
import { call, type Seen, signIn } from './support/caller.ts';
import { type Journal, type Load, newJournal, newOp, note, startLoad } from './support/load.ts';
import type { Node } from './support/node.ts';
import { type RoundRobin, startRoundRobin } from './support/round-robin.ts';
import { expectSettled } from './support/settled.ts';
import { openSite, type Site } from './support/site.ts';
import { sql, whileLocked } from './support/sql.ts';
import { until } from './support/waiting.ts';
import type { Agent, World } from './support/world.ts';

const ROUNDS = longFaults ? 10 : 2;
const CALLERS = 30;
/** The lock under which one node at a time moves entries into the chains (schema/functions/audit_sequence.sql). */
const SEQUENCING = 7302011990;
/** How long the chains may stand still when the node that works on them dies. */
const TAKEN_OVER_MS = 5_000;

describe.skipIf(!services.databaseUrl).each([2, 3])('%i nodes on one PostgreSQL behind a round robin', (count) => {
  let site: Site;
  let world: World;
  let entrance: RoundRobin;
  let owner: ReturnType<typeof send>;
  /** Each node has a cable of its own to the database, so that its connections can be told from the others'. */
  const cables = new Map<Node, Cable>();
  const journal: Journal = newJournal();

  const addNode = async (): Promise<void> => {
    const cable = await startCable(site.databaseUrl!);
    const node = await site.start({ databaseUrl: cable.databaseUrl });
    cables.set(node, cable);
    entrance?.nodes.add(node);
  };
  const removeNode = async (node: Node): Promise<void> => {
    node.kill();
    await node.exited;
    entrance.nodes.delete(node);
  };

  beforeAll(async () => {
    site = await openSite('postgres');
    world = await site.world({ agents: 1 + ROUNDS });
    await Promise.all(Array.from({ length: count }, addNode));
    entrance = await startRoundRobin([...cables.keys()]);
    owner = send(entrance.url, await signIn(entrance.url, world));
  });
  afterAll(async () => {
    await entrance?.close();
    await site?.close();
    for (const cable of cables.values()) await cable.close();
  });

  const underLoad = async (agent: Agent = world.agents[0]): Promise<Load> => {
    const one = { ...world, agents: [agent] } as const;
    const load = startLoad(entrance.url, { world: one, journal, callers: CALLERS, persistent: true });
    await goesOn(50);
    return load;
  };
  const goesOn = async (answers: number): Promise<void> => {
    const before = journal.executed.size;
    await until('calls are made', () => journal.executed.size >= before + answers);
  };
  const end = async (load: Load): Promise<void> => {
    load.stop();
    await load.done;
  };
  /** What every single node says to a new call now. */
  const everywhere = (token: string): Promise<Seen[]> =>
    Promise.all(
      [...entrance.nodes].map(async ({ url }) => {
        const operation = { op: newOp(), tool: 'effect.plain' };
        const seen = await call(url, world, operation, { token });
        note(journal, operation, { token }, seen);
        return seen;
      }),
    );

  test('a flipped kill switch stops, on all nodes, every call that has not recorded its intent', {
    timeout: 120_000,
  }, async () => {
    const load = await underLoad();
    for (let round = 0; round < ROUNDS; round += 1) {
      await goesOn(50);
      const flipped = await owner('POST', '/v1/kill-switches', { scope: 'workspace', reason: 'Fault test' });
      expect(flipped.status).toBe(201);
      for (const seen of await everywhere(world.agents[0].token)) expect(seen).toMatchObject({ code: 'kill_switch' });
      expect((await owner('DELETE', `/v1/kill-switches/${flipped.body.id}`)).status).toBe(204);
    }
    await goesOn(50);
    await end(load);
  });

  test('a revoked token opens nothing, on any node, to a call that has not recorded its intent', {
    timeout: 120_000,
  }, async () => {
    for (const agent of world.agents.slice(1)) {
      const load = await underLoad(agent);
      const revoked = await owner('DELETE', `/v1/clients/${agent.id}/tokens/${agent.tokenId}`);
      expect(revoked.status).toBe(204);
      for (const seen of await everywhere(agent.token)) expect(seen).toMatchObject({ code: 'unauthenticated' });
      await end(load);
    }
  });

  test('a node that dies while it chains is replaced within five seconds', { timeout: 180_000 }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const load = await underLoad();
      // Held up by a lock, whoever chains is caught at it.
      const last = await whileLocked(site.databaseUrl!, 'lock table audit_log in share mode', [], async () => {
        await goesOn(100);
        const chaining = await until('a node chains', () => findChaining(site.databaseUrl!));
        expect(chaining).toHaveLength(1);
        const [node] = [...cables].find(([, cable]) => cable.reachesFrom(chaining[0]!))!;
        await removeNode(node);
        const [{ id }] = await sql(site.databaseUrl!, 'select max(id) as id from gateway_queue');
        expect(id).not.toBeNull();
        return id;
      });
      const left = 'select exists (select from gateway_queue where id <= $1) as any';
      await until(
        'the others have chained what was pending',
        async () => !(await sql(site.databaseUrl!, left, [last]))[0].any,
        TAKEN_OVER_MS,
      );
      await goesOn(50);
      await end(load);
      await addNode();
    }
  });

  test('the nodes that are left go on when one is killed under load', { timeout: 120_000 }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const load = await underLoad();
      await removeNode([...entrance.nodes][round % count]!);
      await goesOn(100);
      await end(load);
      await addNode();
    }
    await until('every unanswered call has an answer', async () => {
      for (const { operation, ask } of journal.lost.values()) {
        note(journal, operation, ask, await call(entrance.url, world, operation, ask));
      }
      return journal.lost.size === 0;
    });
  });

  test('afterwards every promise has been kept, and the chain has no gap and no fork', {
    timeout: 120_000,
  }, async () => {
    const { chain, events } = await expectSettled(site, world, journal, [...entrance.nodes]);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from(events, (_, index) => index + 1));
    expect(chain.head.seq).toBe(events.length);

    const begunWhileStopped: string[] = [];
    const revoked = new Set<string>();
    let stopped = false;
    const agentOf = new Map(world.agents.map(({ id, tokenId }) => [tokenId, id]));
    for (const { type, resource, actor } of events) {
      if (type === 'kill_switch.flipped') stopped = true;
      if (type === 'kill_switch.lifted') stopped = false;
      if (type === 'token.revoked') revoked.add(agentOf.get(resource)!);
      if (type === 'execution.started' && (stopped || revoked.has(actor))) begunWhileStopped.push(resource);
    }
    expect(begunWhileStopped).toEqual([]);
    expect(revoked.size).toBe(ROUNDS);
  });
});

/** The ports from which the lock is held under which entries are chained. */
async function findChaining(databaseUrl: string): Promise<number[] | undefined> {
  const rows = await sql(
    databaseUrl,
    `select a.client_port as port from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32) | l.objid::bigint = $1`,
    [SEQUENCING],
  );
  return rows.length > 0 ? rows.map(({ port }) => port) : undefined;
}
