// Version 5, not 6: that declares a class that extends String, and while one exists V8 no longer compiles the methods of
// strings into the code that calls them, anywhere in the process. Governed calls were a tenth slower.
import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

/**
 * Calls per minute, counted in a sliding window: this minute's count plus the share of the last minute's that
 * the window still covers. With Redis the count is shared by all nodes; every node counts for itself too, so
 * that limits hold, node by node, while Redis does not answer.
 */
export type Take = {
  readonly allowed: boolean;
  readonly limitPerMinute: number;
  readonly remaining: number;
  /** Seconds until one more call fits. */
  readonly retryAfterSeconds: number;
};

type Window = { minute: number; current: number; previous: number };

const WINDOW_MS = 60_000;
const KEYS_MAX = 100_000;
/** A Redis that hangs costs one call this much, then nobody asks it for a while. */
const REDIS_TIMEOUT_MS = 150;
const REDIS_PAUSE_MS = 1_000;

/** The same arithmetic as `takeFrom`, atomically and by Redis's own clock. Returns allowed, used, ms into the minute. */
const SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local minute = math.floor(now / ${WINDOW_MS})
local into = now % ${WINDOW_MS}
local h = redis.call('HMGET', KEYS[1], 'm', 'c', 'p')
local m, c, p = tonumber(h[1] or -1), tonumber(h[2] or 0), tonumber(h[3] or 0)
if m ~= minute then
  if m == minute - 1 then p = c else p = 0 end
  c = 0
end
local used = c + p * (1 - into / ${WINDOW_MS})
local allowed = 0
if used + 1 <= tonumber(ARGV[1]) then
  allowed = 1
  c = c + 1
  redis.call('HSET', KEYS[1], 'm', minute, 'c', c, 'p', p)
  redis.call('PEXPIRE', KEYS[1], ${2 * WINDOW_MS})
end
return {allowed, c, p, into}
`;

type Scripted = Redis & { take(key: string, limit: number): Promise<[number, number, number, number]> };

export class RateLimiter {
  readonly #windows = new LRUCache<string, Window>({ max: KEYS_MAX });
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
    if (limitPerMinute === 0) return { allowed: true, limitPerMinute, remaining: 0, retryAfterSeconds: 0 };
    const here = this.#takeHere(key, limitPerMinute);
    if (this.#redis === undefined || !here.allowed || performance.now() < this.#askAgainMs) return here;
    return this.#takeThere(this.#redis, key, limitPerMinute, here);
  }

  async close(): Promise<void> {
    this.#redis?.disconnect();
  }

  async #takeThere(redis: Scripted, key: string, limitPerMinute: number, here: Take): Promise<Take> {
    try {
      const [allowed, current, previous, intoMs] = await redis.take(`countersign:rpm:${key}`, limitPerMinute);
      return outcome(allowed === 1, limitPerMinute, current, previous, intoMs);
    } catch {
      this.#askAgainMs = performance.now() + REDIS_PAUSE_MS;
      return here;
    }
  }

  #takeHere(key: string, limit: number): Take {
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = { minute: -1, current: 0, previous: 0 };
      this.#windows.set(key, window);
    }
    return takeFrom(window, limit, performance.now());
  }
}

/** Takes one call from a window at `nowMs`, moving it on where a minute has passed. */
export function takeFrom(window: Window, limit: number, nowMs: number): Take {
  const minute = Math.floor(nowMs / WINDOW_MS);
  const intoMs = nowMs - minute * WINDOW_MS;
  if (window.minute !== minute) {
    window.previous = window.minute === minute - 1 ? window.current : 0;
    window.current = 0;
    window.minute = minute;
  }
  const allowed = window.current + window.previous * (1 - intoMs / WINDOW_MS) + 1 <= limit;
  if (allowed) window.current += 1;
  return outcome(allowed, limit, window.current, window.previous, intoMs);
}

function outcome(allowed: boolean, limit: number, current: number, previous: number, intoMs: number): Take {
  const used = current + previous * (1 - intoMs / WINDOW_MS);
  const remaining = Math.max(0, Math.floor(limit - used));
  return {
    allowed,
    limitPerMinute: limit,
    remaining,
    retryAfterSeconds: allowed ? 0 : waitSeconds(limit, current, previous, intoMs),
  };
}

/** Until `current + previous × share + 1 ≤ limit`: later in this minute if `previous` must shrink, else in the next. */
function waitSeconds(limit: number, current: number, previous: number, intoMs: number): number {
  const leftMs = WINDOW_MS - intoMs;
  if (current + 1 <= limit) {
    const share = (limit - 1 - current) / previous;
    return Math.max(1, Math.ceil((WINDOW_MS * (1 - share) - intoMs) / 1000));
  }
  const share = Math.max(0, (limit - 1) / current);
  return Math.max(1, Math.ceil((leftMs + WINDOW_MS * (1 - share)) / 1000));
}
