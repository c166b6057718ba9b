import { setImmediate } from 'node:timers/promises';

/** Work that can be laid down and taken up again: it yields how many bytes it has gone over since the last time. */
export type Sliced<T> = Generator<number, T, void>;

/** How often sliced work that goes over many small things says so, in bytes. */
export const STRIDE = 16 * 1024;
/** What is done before others have their turn, in bytes gone over: a few milliseconds. */
const SLICE = 512 * 1024;

/** Does the work to its end. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does the work, and lets others have their turn in between. */
export async function inSlices<T>(work: Sliced<T>, pause: () => Promise<unknown> = setImmediate): Promise<T> {
  for (let done = 0; ; ) {
    const step = work.next();
    if (step.done) return step.value;
    done += step.value;
    if (done < SLICE) continue;
    done = 0;
    await pause();
  }
}
