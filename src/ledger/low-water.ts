/** Longer than nearly every transaction: what had not committed when its successors were moved has by then. */
const MARK_MS = 10_000;
const FROM_THE_START_MS = 60_000;

/**
 * From which id on the queue is looked at: from one that was moved at least ten seconds ago, and once a minute from the
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

  /** The mark as it stands, for whoever only looks. */
  get from(): string {
    return this.#from;
  }

  /** Notes the last id that a round has moved. */
  moved(lastId: string): void {
    this.#last = lastId;
  }
}
