import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningRedis, services, startRedis } from '../support/services.ts';
import { call, type Seen } from './support/caller.ts';
import { newOp } from './support/load.ts';
import type { Node } from './support/node.ts';
import { openSite, type Site } from './support/site.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

const LIMIT = 20;
const NODES = 2;
const ASKED = 50;

type Asked = { readonly allowed: readonly number[]; readonly seen: readonly Seen[]; readonly tookMs: number };

describe.skipIf(!services.databaseUrl || !services.redisServer)(
  'Redis fails under two nodes that share their limits',
  () => {
    let redis: RunningRedis;
    let site: Site;
    let world: World;
    let nodes: readonly Node[];
    let unused = 0;
    beforeAll(async () => {
      redis = await startRedis();
      site = await openSite('postgres');
      world = await site.world({ agents: 60, rpmLimit: LIMIT });
      const env = { REDIS_URL: redis.url };
      nodes = await Promise.all([site.start({ env }), site.start({ env })]);
    });
    afterAll(async () => {
      await site?.close();
      await redis?.stop();
    });

    /** An agent that has not called yet calls each node many times at once. Every call must be answered. */
    const ask = async (agent = unused++): Promise<Asked> => {
      const startedMs = performance.now();
      const { token } = world.agents[agent]!;
      const seen = await Promise.all(
        nodes.map((node) =>
          Promise.all(
            Array.from({ length: ASKED }, () =>
              call(node.url, world, { op: newOp(), tool: 'effect.keyed' }, { token }),
            ),
          ),
        ),
      );
      const allowed = seen.map((all) => all.filter(({ kind }) => kind === 'executed').length);
      return { allowed, seen: seen.flat(), tookMs: performance.now() - startedMs };
    };
    /** A sliding window lets through what has slid out of it meanwhile. */
    const limitIn = ({ tookMs }: Asked): number => LIMIT + Math.ceil((LIMIT * tookMs) / 60_000);
    const total = ({ allowed }: Asked): number => allowed.reduce((sum, one) => sum + one, 0);

    function expectOnlyLimited({ seen }: Asked): void {
      const refusals = seen.flatMap((one) => (one.kind === 'refused' ? [`${one.reply.status} ${one.code}`] : []));
      expect(new Set(refusals)).toEqual(new Set(['429 rate_limited']));
    }
    /** Each node holds the limit by itself, so that all of them let through at most as many as there are nodes. */
    const expectEach = (asked: Asked): void => {
      expectOnlyLimited(asked);
      for (const allowed of asked.allowed) expect(allowed).toBeLessThanOrEqual(limitIn(asked));
      expect(total(asked)).toBeGreaterThanOrEqual(LIMIT);
      expect(total(asked)).toBeLessThanOrEqual(NODES * limitIn(asked));
    };
    /** Nodes leave a Redis that failed alone for a second, so the first that ask again may still count for themselves. */
    const sharedAgain = async (): Promise<void> => {
      await until('the limit is shared again', async () => {
        const asked = await ask();
        expectEach(asked);
        return total(asked) <= limitIn(asked);
      });
    };

    // A machine that is busy enough makes Redis miss its 150 ms once; the limit is shared again a second later.
    test('it works: one limit for both nodes', () => sharedAgain());

    test('it hangs: every call is answered, each node holds the limit', async () => {
      redis.signal('SIGSTOP');
      expectEach(await ask());
      redis.signal('SIGCONT');
      await sharedAgain();
    });

    test('it is killed: every call is answered, each node holds the limit', async () => {
      redis.signal('SIGKILL');
      expectEach(await ask());
      await redis.restart();
      await sharedAgain();
    });

    test('it forgets everything: each node remembers what it let through', async () => {
      const agent = unused++;
      const first = await ask(agent);
      expectEach(first);
      await redis.restart();
      const second = await ask(agent);
      expectOnlyLimited(second);
      const tookMs = first.tookMs + second.tookMs;
      first.allowed.forEach((allowed, nth) => {
        expect(allowed + second.allowed[nth]!).toBeLessThanOrEqual(limitIn({ ...second, tookMs }));
      });
    });
  },
);
