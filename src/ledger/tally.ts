/** What came more than once: the last of it, how often, and from when to when. */
export type Fold<T> = { readonly last: T; readonly count: number; readonly firstAt: Date; readonly lastAt: Date };

/** Counts what comes more often than anybody wants to read, by key, until it is taken. Bounded: `add` says what did not fit. */
export class Tally<T> {
  readonly #keysMax: number;
  #folds = new Map<string, Fold<T>>();

  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  /** Counts a fold, such as one that was taken and could not be kept. False when there are too many other keys. */
  add(key: string, fold: Fold<T>): boolean {
    const known = this.#folds.get(key);
    if (known === undefined) {
      if (this.#folds.size >= this.#keysMax) return false;
      this.#folds.set(key, fold);
      return true;
    }
    const [early, late] = fold.lastAt >= known.lastAt ? [known, fold] : [fold, known];
    const firstAt = fold.firstAt < known.firstAt ? fold.firstAt : known.firstAt;
    this.#folds.set(key, { last: late.last, count: early.count + late.count, firstAt, lastAt: late.lastAt });
    return true;
  }

  /** One more, now. */
  count(key: string, last: T, at: Date): boolean {
    return this.add(key, { last, count: 1, firstAt: at, lastAt: at });
  }

  /** Everything that was counted; it begins anew. */
  take(): ReadonlyMap<string, Fold<T>> {
    const folds = this.#folds;
    this.#folds = new Map();
    return folds;
  }
}

/** How an entry says that it stands for many. */
export function countedData({ count, firstAt, lastAt }: Fold<unknown>) {
  return { count, first_at: firstAt.toISOString(), last_at: lastAt.toISOString() };
}
