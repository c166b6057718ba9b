/**
 * The database's time, kept between reads by this machine's monotonic clock. The node's own wall clock is
 * never asked: it may be an hour off, and then a TTL would be too.
 */
export class DatabaseClock {
  #offsetMs: number | undefined;

  /** Takes a reading: the database said `at` to a question asked at `askedMs` (`performance.now()`). */
  sync(at: Date, askedMs: number): void {
    this.#offsetMs = at.getTime() - (askedMs + performance.now()) / 2;
  }

  /** The database's time now, to within half a round trip. Throws when it was never read. */
  now(): Date {
    if (this.#offsetMs === undefined) throw new Error('The database clock has not been read yet');
    return new Date(this.#offsetMs + performance.now());
  }
}
