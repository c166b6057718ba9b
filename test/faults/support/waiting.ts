import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/**
 * Waits for a condition: looks again and again until `look` gives something true, and resolves it. Throws, naming
 * what was waited for, when that takes longer than `withinMs`.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<Exclude<T, false | null | undefined>> {
  for (const end = performance.now() + withinMs; ; await delay(LOOK_EVERY_MS)) {
    const seen = await look();
    if (seen) return seen as Exclude<T, false | null | undefined>;
    if (performance.now() > end) throw new Error(`Waited ${withinMs} ms in vain until ${what}`);
  }
}

/** The promise's value, or an error that names it once it has taken longer than `withinMs`: it hangs. */
export async function within<T>(what: string, withinMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs: nothing after ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
