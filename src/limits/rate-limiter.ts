// Version 5, not 6: that declares a class that extends String, and while one exists V8 no longer compiles the methods of
// strings into the code that calls them, anywhere in the process. Governed calls were a tenth slower.
import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { EXACT_MAX, MERGE_MS, SlidingWindow, secondsUntil, type Take, WINDOW_MS } from './sliding-window.ts';

export type { Take } from './sliding-window.ts';

const KEYS_MAX = 100_000;
/** A Redis that hangs costs one call this much, then nobody asks it for a while. */
const REDIS_TIMEOUT_MS = 150;
const REDIS_PAUSE_MS = 1_000;

/**
 * What {@link SlidingWindow} does, atomically and by Redis's own clock, in milliseconds. A key is a list of moments,
 * `last:count:begun`, behind one element that holds how many calls they are in all. ARGV: the limit, and 1 to take a place
 * or 0 to ask for one that is taken already. Returns allowed, used, and the wait in milliseconds.
 */
const SCRIPT = `
local limit, adds = tonumber(ARGV[1]), tonumber(ARGV[2])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local used = tonumber(redis.call('LPOP', KEYS[1]) or 0)
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest do
  local at, count = string.match(oldest, '^(%d+):(%d+)')
  if tonumber(at) > now - ${WINDOW_MS} then break end
  used = used - tonumber(count)
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
local allowed = 0
if used + adds <= limit then
  allowed = 1
  if adds == 1 then
    used = used + 1
    local newest = redis.call('LINDEX', KEYS[1], -1)
    local count, begun
    if newest and used > ${EXACT_MAX} then count, begun = string.match(newest, ':(%d+):(%d+)$') end
    if begun and now - tonumber(begun) < ${MERGE_MS} then
      redis.call('LSET', KEYS[1], -1, string.format('%d:%d:%s', now, tonumber(count) + 1, begun))
    else
      redis.call('RPUSH', KEYS[1], string.format('%d:1:%d', now, now))
    end
  end
end
local wait = 0
if allowed == 0 then
  local left = used
  for _, moment in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
    local at, count = string.match(moment, '^(%d+):(%d+)')
    left = left - tonumber(count)
    if left + 1 <= limit then
      wait = tonumber(at) + ${WINDOW_MS} - now
      break
    end
  end
end
if used > 0 then
  redis.call('LPUSH', KEYS[1], used)
  redis.call('PEXPIRE', KEYS[1], ${WINDOW_MS})
end
return {allowed, used, wait}
`;

type Scripted = Redis & { take(key: string, limit: number, adds: 0 | 1): Promise<[number, number, number]> };

/**
 * Calls per minute, in a sliding window. With Redis they are counted for all nodes together; every node counts for itself
 * too, so that limits hold, node by node, while Redis does not answer.
 */
export class RateLimiter {
  /** A key that nobody asks for is forgotten once its minute is over. */
  readonly #windows = new LRUCache<string, SlidingWindow>({ max: KEYS_MAX, ttl: 2 * WINDOW_MS, updateAgeOnGet: true });
  readonly #redis: Scripted | undefined;
  #askAgainMs = 0;

  constructor(redisUrl?: string) {
    if (redisUrl === undefined) return;
    this.#redis = new Redis(redisUrl, {
      commandTimeout: REDIS_TIMEOUT_MS,
      connectTimeout: REDIS_PAUSE_MS,
      enableOfflineQueue: false,
      // One that timed out was decided here already; sent again, it would count once more with each reconnection.
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 1,
      retryStrategy: (attempt) => Math.min(attempt * 50, REDIS_PAUSE_MS),
    }) as Scripted;
    // Not being reachable is handled where it matters, at the call.
    this.#redis.on('error', () => {});
    this.#redis.defineCommand('take', { numberOfKeys: 1, lua: SCRIPT });
  }

  /**
   * Takes one call from the key's minute. A limit of 0 is no limit. Never throws, never waits long, and without Redis
   * not at all.
   */
  take(key: string, limitPerMinute: number): Take | Promise<Take> {
    if (limitPerMinute === 0) return UNLIMITED;
    return this.#shared(key, limitPerMinute, 1, this.takeHere(key, limitPerMinute));
  }

  /** Takes one call from the key's minute on this node alone. */
  takeHere(key: string, limitPerMinute: number): Take {
    return this.#window(key).take(limitPerMinute, performance.now());
  }

  /** Whether a call that was taken from the key's minute may go on under another limit. */
  check(key: string, limitPerMinute: number): Take | Promise<Take> {
    if (limitPerMinute === 0) return UNLIMITED;
    return this.#shared(key, limitPerMinute, 0, this.#window(key).check(limitPerMinute, performance.now()));
  }

  /** Whether this node would let one more call pass; takes nothing and asks nobody. */
  hasRoom(key: string, limitPerMinute: number): boolean {
    return this.#windows.get(key)?.hasRoom(limitPerMinute, performance.now()) ?? true;
  }

  async close(): Promise<void> {
    this.#redis?.disconnect();
  }

  #window(key: string): SlidingWindow {
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = new SlidingWindow();
      this.#windows.set(key, window);
    }
    return window;
  }

  #shared(key: string, limit: number, adds: 0 | 1, here: Take): Take | Promise<Take> {
    if (this.#redis === undefined || !here.allowed || performance.now() < this.#askAgainMs) return here;
    return this.#ask(this.#redis, key, limit, adds, here);
  }

  async #ask(redis: Scripted, key: string, limitPerMinute: number, adds: 0 | 1, here: Take): Promise<Take> {
    try {
      const [allowed, used, waitMs] = await redis.take(`countersign:rpm:${key}`, limitPerMinute, adds);
      return {
        allowed: allowed === 1,
        limitPerMinute,
        remaining: Math.max(0, limitPerMinute - used),
        retryAfterSeconds: allowed === 1 ? 0 : secondsUntil(waitMs),
      };
    } catch {
      this.#askAgainMs = performance.now() + REDIS_PAUSE_MS;
      return here;
    }
  }
}

const UNLIMITED: Take = { allowed: true, limitPerMinute: 0, remaining: 0, retryAfterSeconds: 0 };
