/** The window of every limit: a minute, in milliseconds. */
export const WINDOW_MS = 60_000;
/** A window with more than this many calls counts what comes within {@link MERGE_MS} as one moment, the later one. */
export const EXACT_MAX = 600;
export const MERGE_MS = 100;

/** What a limit says to one more call. */
export type Take = {
  readonly allowed: boolean;
  readonly limitPerMinute: number;
  readonly remaining: number;
  /** Whole seconds until one more call fits, 0 when this one did. */
  readonly retryAfterSeconds: number;
};

/**
 * The calls of the last minute, moment by moment: never more than the limit within any 60 seconds, and a place is free
 * exactly when the call that took it is a minute old. Above 600 calls, moments within 100 ms are kept as one, so that a
 * window has at most 1,200 of them whatever the limit.
 */
export class SlidingWindow {
  /** When, in milliseconds of a monotonic clock, and how many; the oldest stands at `#first`. */
  #times: number[] = [];
  #counts: number[] = [];
  #first = 0;
  #used = 0;
  /** When the newest moment began; it is as late as its last call. */
  #begunMs = 0;

  /** Takes a place at `nowMs`, if `limitPerMinute` (at least 1) leaves one. */
  take(limitPerMinute: number, nowMs: number): Take {
    this.#forget(nowMs);
    const allowed = this.#used < limitPerMinute;
    if (allowed) this.#add(nowMs);
    return this.#say(allowed, limitPerMinute, nowMs);
  }

  /** Whether a call that has its place already may keep it under another limit. */
  check(limitPerMinute: number, nowMs: number): Take {
    this.#forget(nowMs);
    return this.#say(this.#used <= limitPerMinute, limitPerMinute, nowMs);
  }

  /** Whether one more would fit; takes nothing. */
  hasRoom(limitPerMinute: number, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#used < limitPerMinute;
  }

  #forget(nowMs: number): void {
    while (this.#first < this.#times.length && this.#times[this.#first]! <= nowMs - WINDOW_MS) {
      this.#used -= this.#counts[this.#first]!;
      this.#first += 1;
    }
    if (this.#first < 64 || this.#first * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#first);
    this.#counts = this.#counts.slice(this.#first);
    this.#first = 0;
  }

  #add(nowMs: number): void {
    this.#used += 1;
    const last = this.#times.length - 1;
    if (this.#used > EXACT_MAX && last >= this.#first && nowMs - this.#begunMs < MERGE_MS) {
      this.#times[last] = nowMs;
      this.#counts[last]! += 1;
      return;
    }
    this.#begunMs = nowMs;
    this.#times.push(nowMs);
    this.#counts.push(1);
  }

  #say(allowed: boolean, limit: number, nowMs: number): Take {
    const remaining = Math.max(0, limit - this.#used);
    return {
      allowed,
      limitPerMinute: limit,
      remaining,
      retryAfterSeconds: allowed ? 0 : this.#waitSeconds(limit, nowMs),
    };
  }

  #waitSeconds(limit: number, nowMs: number): number {
    let left = this.#used;
    for (let at = this.#first; at < this.#times.length; at += 1) {
      left -= this.#counts[at]!;
      if (left < limit) return secondsUntil(this.#times[at]! + WINDOW_MS - nowMs);
    }
    return secondsUntil(WINDOW_MS);
  }
}

/** A wait as `Retry-After` says it: whole seconds, and never too early. */
export function secondsUntil(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
