const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** How long a delivery waits after each attempt that failed, in seconds. After the last it has failed for good. */
export const RETRY_SECONDS: readonly number[] = [
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Receivers that were down together are not all asked again together. */
const JITTER = 0.1;

/** An endpoint is disabled when every attempt has failed for so long. */
export const FAILING_MAX_MS = 5 * 24 * HOUR * 1000;

/**
 * When the next attempt is due after `attempts` that failed; null where there is none. `chance` is a number from 0 to 1.
 */
export function nextAttemptAt(attempts: number, at: Date, chance: number): Date | null {
  const seconds = RETRY_SECONDS[attempts - 1];
  if (seconds === undefined) return null;
  return new Date(at.getTime() + seconds * 1000 * (1 + JITTER * (2 * chance - 1)));
}
