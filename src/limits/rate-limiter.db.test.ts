import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RunningRedis, services, startRedis } from '../../test/support/services.ts';
import { RateLimiter, type Take } from './rate-limiter.ts';

const LIMIT = 20;
/** How long a limiter leaves a Redis alone that did not answer. */
const PAUSE_MS = 1_000;

let keys = 0;
/** A key that nobody has used. */
const newKey = (): string => {
  keys += 1;
  return `test:${process.pid}:${keys}`;
};

/** What the suite needs of a limiter and the clock it goes by. */
type Backend = {
  readonly limiter: RateLimiter;
  /** Lets time go by for a key. */
  passes(key: string, ms: number): Promise<void>;
};

const times = (count: number, take: () => Take | Promise<Take>): Promise<Take[]> =>
  Promise.all(Array.from({ length: count }, take));
const allowedOf = (takes: readonly Take[]): number => takes.filter(({ allowed }) => allowed).length;

/** The clock that a limiter counts by in memory, under the test's control. Redis goes by its own. */
beforeAll(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterAll(() => void vi.useRealTimers());

function conformance(name: string, open: () => Backend): void {
  describe(`a rate limit ${name}`, () => {
    let backend: Backend;
    beforeAll(() => {
      backend = open();
    });

    test('lets through what it says, one after the other, and tells what is left', async () => {
      const key = newKey();
      for (let left = LIMIT - 1; left >= 0; left -= 1) {
        const take = await backend.limiter.take(key, LIMIT);
        expect(take).toMatchObject({ allowed: true, limitPerMinute: LIMIT, remaining: left, retryAfterSeconds: 0 });
      }
      const refused = await backend.limiter.take(key, LIMIT);
      expect(refused).toMatchObject({ allowed: false, limitPerMinute: LIMIT, remaining: 0 });
      expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(1);
      expect(refused.retryAfterSeconds).toBeLessThanOrEqual(120);
    });

    test('holds exactly when all come at once', async () => {
      const key = newKey();
      expect(allowedOf(await times(10 * LIMIT, () => backend.limiter.take(key, LIMIT)))).toBe(LIMIT);
    });

    test('counts each key for itself', async () => {
      const [one, other] = [newKey(), newKey()];
      await times(LIMIT, () => backend.limiter.take(one, LIMIT));
      expect(await backend.limiter.take(one, LIMIT)).toMatchObject({ allowed: false });
      expect(await backend.limiter.take(other, LIMIT)).toMatchObject({ allowed: true, remaining: LIMIT - 1 });
    });

    test('of 0 is no limit, and of 1 is one', async () => {
      const [none, one] = [newKey(), newKey()];
      expect(allowedOf(await times(1_000, () => backend.limiter.take(none, 0)))).toBe(1_000);
      expect(allowedOf(await times(10, () => backend.limiter.take(one, 1)))).toBe(1);
    });

    test('takes nothing for what it refuses, so that a raised limit has room', async () => {
      const key = newKey();
      await times(3 * LIMIT, () => backend.limiter.take(key, LIMIT));
      expect(allowedOf(await times(3 * LIMIT, () => backend.limiter.take(key, LIMIT + 5)))).toBe(5);
      expect(await backend.limiter.take(key, LIMIT)).toMatchObject({ allowed: false, remaining: 0 });
    });

    test('slides: a place is free when the call that took it is a minute old, and no sooner', async () => {
      const { limiter, passes } = backend;
      const key = newKey();
      const half = LIMIT / 2;
      expect(allowedOf(await times(half, () => limiter.take(key, LIMIT)))).toBe(half);
      await passes(key, 30_000);
      expect(allowedOf(await times(LIMIT, () => limiter.take(key, LIMIT)))).toBe(half);
      const { retryAfterSeconds } = await limiter.take(key, LIMIT);
      expect(retryAfterSeconds).toBeLessThanOrEqual(30);
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(20);
      await passes(key, 30_000);
      expect(allowedOf(await times(LIMIT, () => limiter.take(key, LIMIT)))).toBe(half);
      await passes(key, 60_000);
      expect(allowedOf(await times(2 * LIMIT, () => limiter.take(key, LIMIT)))).toBe(LIMIT);
    });

    test('a call that has its place keeps it under another limit that has room for all', async () => {
      const key = newKey();
      await times(5, () => backend.limiter.take(key, LIMIT));
      expect(await backend.limiter.check(key, 5)).toMatchObject({ allowed: true, remaining: 0 });
      expect(await backend.limiter.check(key, 4)).toMatchObject({ allowed: false });
      expect(await backend.limiter.take(key, 6)).toMatchObject({ allowed: true, remaining: 0 });
    });

    test('above 600 calls, moments that lie together are kept as one, and the limit holds all the same', async () => {
      const key = newKey();
      expect(allowedOf(await times(2_500, () => backend.limiter.take(key, 2_000)))).toBe(2_000);
      await backend.passes(key, 60_000);
      expect(allowedOf(await times(2_500, () => backend.limiter.take(key, 2_000)))).toBe(2_000);
    });
  });
}

conformance('in memory', () => ({
  limiter: new RateLimiter(),
  passes: async (_key, ms) => void vi.advanceTimersByTime(ms),
}));

describe.skipIf(!services.redisServer)('with Redis', () => {
  let redis: RunningRedis;
  let direct: Redis;
  let wire: Wire;
  let limiter: RateLimiter;
  beforeAll(async () => {
    redis = await startRedis();
    direct = new Redis(redis.url, { maxRetriesPerRequest: null });
    direct.on('error', () => {});
    wire = await openWire(redis.port);
    limiter = new RateLimiter(wire.url);
    await connected();
  });
  afterAll(async () => {
    await limiter?.close();
    await wire?.close();
    direct?.disconnect();
    await redis?.stop();
  });

  /** Waits until the limiter's calls reach Redis; it leaves a Redis that failed alone for a while. */
  async function connected(): Promise<void> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      vi.advanceTimersByTime(PAUSE_MS);
      if (await reaches(limiter)) return;
      await delay(10);
    }
    throw new Error('The limiter does not find back to Redis');
  }

  /** Whether a take of this limiter arrives in Redis. */
  async function reaches(by: RateLimiter): Promise<boolean> {
    const key = newKey();
    await by.take(key, 1);
    return (await direct.exists(`countersign:rpm:${key}`)) === 1;
  }

  conformance('on Redis', () => ({
    limiter,
    // Each node counts for itself too. Redis goes by its own clock, so that what it keeps is made older.
    async passes(key, ms) {
      vi.advanceTimersByTime(ms);
      const name = `countersign:rpm:${key}`;
      const [total, ...moments] = await direct.lrange(name, 0, -1);
      const older = moments.map((moment) => moment.replaceAll(/\d{13}/g, (at) => String(Number(at) - ms)));
      await direct
        .multi()
        .del(name)
        .rpush(name, total!, ...older)
        .exec();
    },
  }));

  test('two nodes share one limit', async () => {
    const second = new RateLimiter(redis.url);
    try {
      const key = newKey();
      await expect
        .poll(
          () => {
            vi.advanceTimersByTime(PAUSE_MS);
            return reaches(second);
          },
          { interval: 10, timeout: 10_000 },
        )
        .toBe(true);
      const takes = await times(3 * LIMIT, () => limiter.take(key, LIMIT));
      const more = await times(3 * LIMIT, () => second.take(key, LIMIT));
      expect(allowedOf([...takes, ...more])).toBe(LIMIT);
    } finally {
      await second.close();
    }
  });

  test('what this node refuses by itself does not ask Redis', async () => {
    const key = newKey();
    await times(LIMIT, () => limiter.take(key, LIMIT));
    const asked = wire.takes();
    expect(allowedOf(await times(50, () => limiter.take(key, LIMIT)))).toBe(0);
    expect(wire.takes()).toBe(asked);
  });

  test('a Redis that hangs costs one question, and the limit holds meanwhile', async () => {
    const key = newKey();
    expect(allowedOf(await times(5, () => limiter.take(key, LIMIT)))).toBe(5);
    redis.signal('SIGSTOP');
    try {
      const asked = wire.takes();
      const takes: Take[] = [];
      for (let nth = 0; nth < 2 * LIMIT; nth += 1) takes.push(await limiter.take(key, LIMIT));
      expect(allowedOf(takes)).toBe(LIMIT - 5);
      expect(wire.takes()).toBe(asked + 1);
      vi.advanceTimersByTime(PAUSE_MS);
      expect(await limiter.take(newKey(), LIMIT)).toMatchObject({ allowed: true });
      expect(wire.takes()).toBe(asked + 2);
    } finally {
      redis.signal('SIGCONT');
    }
    await connected();
    expect(await limiter.take(key, LIMIT)).toMatchObject({ allowed: false });
  });

  test('calls that are under way when Redis begins to hang are all answered', async () => {
    const key = newKey();
    redis.signal('SIGSTOP');
    try {
      expect(allowedOf(await times(4 * LIMIT, () => limiter.take(key, LIMIT)))).toBe(LIMIT);
    } finally {
      redis.signal('SIGCONT');
    }
    await connected();
  });

  test('a Redis that is gone is not waited for, and is used again when it is back', async () => {
    const key = newKey();
    expect(allowedOf(await times(5, () => limiter.take(key, LIMIT)))).toBe(5);
    redis.signal('SIGKILL');
    const takes: Take[] = [];
    for (let nth = 0; nth < 2 * LIMIT; nth += 1) takes.push(await limiter.take(key, LIMIT));
    expect(allowedOf(takes)).toBe(LIMIT - 5);
    await redis.restart();
    await connected();
    // The new Redis knows nothing, this node still does.
    expect(await limiter.take(key, LIMIT)).toMatchObject({ allowed: false });
    const fresh = newKey();
    expect(allowedOf(await times(2 * LIMIT, () => limiter.take(fresh, LIMIT)))).toBe(LIMIT);
    expect(await direct.lindex(`countersign:rpm:${fresh}`, 0)).toBe(String(LIMIT));
  });

  test('a Redis that was flushed, its scripts too, forgets nothing that this node let through', async () => {
    const key = newKey();
    expect(allowedOf(await times(12, () => limiter.take(key, LIMIT)))).toBe(12);
    await direct.flushall();
    await direct.script('FLUSH');
    expect(allowedOf(await times(3 * LIMIT, () => limiter.take(key, LIMIT)))).toBe(LIMIT - 12);
    expect(await direct.lindex(`countersign:rpm:${key}`, 0)).toBe(String(LIMIT - 12));
  });

  test('a Redis that says something else is as good as none', async () => {
    const key = newKey();
    await direct.set(`countersign:rpm:${key}`, 'not a list');
    expect(allowedOf(await times(2 * LIMIT, () => limiter.take(key, LIMIT)))).toBe(LIMIT);
    await connected();
  });
});

/** A wire to Redis that counts the takes which go over it. */
type Wire = { readonly url: string; takes(): number; close(): Promise<void> };

async function openWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let takes = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    near.on('data', (bytes) => {
      // Each take names its key once, after EVALSHA or EVAL.
      takes += bytes.toString('latin1').split('\r\nevalsha\r\n').length - 1;
    });
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takes: () => takes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
