import { newId } from '../../src/kernel/ids.ts';
import { RateLimiter } from '../../src/limits/rate-limiter.ts';
import { awaited, type Part, throughput, timed } from './part.ts';

const LIMIT = 1_000_000;

/** The rate limit, in memory and on Redis. */
export function limitParts(redisUrl: string | undefined): { parts: Part[]; close(): Promise<void> } {
  const here = new RateLimiter();
  const key = newId('icl');
  const parts = [timed('rate limit, in memory', () => here.take(key, LIMIT))];
  if (redisUrl === undefined) return { parts, close: () => here.close() };
  const shared = new RateLimiter(redisUrl);
  parts.push(
    awaited('rate limit, on Redis', () => shared.take(key, LIMIT)),
    throughput('rate limit, on Redis, 32 at once', 32, () => shared.take(key, LIMIT)),
  );
  return {
    parts,
    async close() {
      await here.close();
      await shared.close();
    },
  };
}
