const WINDOW_MS = 60_000;
/** In one window: so many questions may reach a caller, and so many are answered at all. */
const PASSED_ON_MAX = 100;
const ANSWERED_MAX = 1_000;

/** What becomes of a question: it may be passed on; it is declined; it is not even answered. */
export type MayAsk = 'all' | 'declined' | 'nothing';

/** Counts what one server asks of us, a minute at a time. */
export class Askings {
  #begunMs = -Infinity;
  #count = 0;

  /** Counts one question; `nowMs` is of the process's monotonic clock. */
  take(nowMs: number = performance.now()): MayAsk {
    if (nowMs - this.#begunMs >= WINDOW_MS) {
      this.#begunMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= PASSED_ON_MAX) return 'all';
    return this.#count <= ANSWERED_MAX ? 'declined' : 'nothing';
  }
}
