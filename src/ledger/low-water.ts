/**
 * Longer than whoever queues waits for an answer: what had not committed when its successors were moved has by then, or
 * nobody was told that it did.
 */
const MARK_MS = 15_000;
const FROM_THE_START_MS = 60_000;

/**
 * From which id on the queue is looked at: from one that was moved at least fifteen seconds ago, and once a minute from the
 * start, for the entries of a transaction that took longer.
 */
export class LowWater {
  #from = '0';
  #next = '0';
  #last = '0';
  #markedMs = 0;
  #startedMs = Number.NEGATIVE_INFINITY;

  /** The id that a round at `nowMs` (monotonic) begins with. */
  next(nowMs: number): string {
    if (nowMs - this.#markedMs > MARK_MS) {
      this.#markedMs = nowMs;
      this.#from = this.#next;
      this.#next = this.#last;
    }
    if (nowMs - this.#startedMs < FROM_THE_START_MS) return this.#from;
    this.#startedMs = nowMs;
    return '0';
  }

  /** Notes the last id that a round has moved, which has been committed: what is before the mark is not looked for. */
  moved(lastId: string): void {
    this.#last = lastId;
  }
}
