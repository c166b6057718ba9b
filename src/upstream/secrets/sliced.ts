import { setImmediate } from 'node:timers/promises';

/** Work that can be laid down and taken up again. It yields where others should have their turn. */
export type Sliced<T> = Generator<void, T, void>;

/** What is done before others have their turn, in bytes gone over: a few milliseconds. */
const SLICE = 256 * 1024;
/** How often work that goes over many small things counts them, in bytes. */
export const STRIDE = 16 * 1024;

/** How much has been done since others had their turn. */
export class Work {
  #done = 0;

  /** Counts bytes that were gone over. Whether it is time to yield. */
  isEnough(bytes: number): boolean {
    this.#done += bytes;
    if (this.#done < SLICE) return false;
    this.#done = 0;
    return true;
  }
}

/** Does the work to its end. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does the work, and lets others have their turn in between. */
export async function inSlices<T>(work: Sliced<T>, pause: () => Promise<unknown> = setImmediate): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await pause();
  }
}
