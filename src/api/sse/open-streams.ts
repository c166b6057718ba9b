/** Every open stream asks the store at each change, so one person has only so many: enough for a day's tabs. */
const STREAMS_MAX_PER_PERSON = 16;

/** Counts the live streams of each person on this node, or what else of theirs is held open. */
export class OpenStreams {
  readonly #max: number;
  readonly #open = new Map<string, number>();

  constructor(max: number = STREAMS_MAX_PER_PERSON) {
    this.#max = max;
  }

  /** Takes a place for one more stream, or says undefined. Call what it returns when the stream has ended. */
  enter(userId: string): (() => void) | undefined {
    const count = this.#open.get(userId) ?? 0;
    if (count >= this.#max) return undefined;
    this.#open.set(userId, count + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const remaining = (this.#open.get(userId) ?? 1) - 1;
      if (remaining === 0) this.#open.delete(userId);
      else this.#open.set(userId, remaining);
    };
  }
}
