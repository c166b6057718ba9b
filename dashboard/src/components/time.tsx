import { type ReactNode, useSyncExternalStore } from 'react';
import { serverNow } from '../api/server-clock.ts';

const listeners = new Set<() => void>();
let nowMs = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the page, however many countdowns are on it. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    nowMs = serverNow();
    timer = setInterval(() => {
      nowMs = serverNow();
      for (const each of listeners) each();
    }, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The clock stands still while nobody follows it. */
function latest(): number {
  return timer === undefined ? serverNow() : nowMs;
}

/** The server's time, by the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const today = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: 'shortOffset' });

/** The reader's time zone, such as `GMT+1`: said wherever times are listed. */
export function timeZone(): string {
  return zone.formatToParts(new Date()).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const STEP_MS = 10_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
/** Farther away than so many days, a date says more. */
const RELATIVE_DAYS = 7;

/** A distance in time in a few words, such as `2 min. ago` or `in 3 days`; null where a date says more. */
export function distance(atMs: number, nowMs: number): string | null {
  const seconds = (atMs - nowMs) / 1_000;
  const away = Math.abs(seconds);
  if (away < MINUTE_S) return seconds > 0 ? 'in a moment' : 'just now';
  if (away < HOUR_S) return relative.format(Math.trunc(seconds / MINUTE_S), 'minute');
  if (away < DAY_S) return relative.format(Math.trunc(seconds / HOUR_S), 'hour');
  if (away < RELATIVE_DAYS * DAY_S) return relative.format(Math.trunc(seconds / DAY_S), 'day');
  return null;
}

/** In full, with the reader's time zone. */
export function absolute(at: string): string {
  return `${moment.format(new Date(at))} ${timeZone()}`;
}

/**
 * A moment, as how long it is away; in full while it, or what it is part of, is pointed at or has the focus (see
 * `shell/time-tip.tsx`). With `full` in full at once; with `clock` as the time of its day, for steps that follow each other.
 */
export function Time({
  at,
  full = false,
  clock = false,
}: {
  at: string | null;
  full?: boolean;
  clock?: boolean;
}): ReactNode {
  // Seldom enough that a long list is not drawn again each second.
  const nowMs = useSyncExternalStore(subscribe, () => Math.floor(latest() / STEP_MS) * STEP_MS);
  if (at === null) return <span className="text-soft">never</span>;
  const date = new Date(at);
  const near = full || clock ? null : distance(date.getTime(), nowMs + STEP_MS);
  const isToday = date.toDateString() === new Date(nowMs).toDateString();
  return (
    <time dateTime={at} data-moment={full ? undefined : absolute(at)} className="sm:whitespace-nowrap">
      {near ?? (full ? moment : isToday ? today : day).format(date)}
    </time>
  );
}

/** Seconds as a person reads them: `4:05`, `2 h 10 min`, `3 days`. */
export function duration(seconds: number): string {
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** The time left, by the server's clock; says so when it is over, and warns in the last two minutes. */
export function Countdown({ until }: { until: string }): ReactNode {
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - useNow()) / 1_000));
  if (seconds === 0) return <span className="font-semibold text-no">time is over</span>;
  return (
    <time
      dateTime={until}
      data-moment={absolute(until)}
      className={`whitespace-nowrap ${seconds < 120 ? 'font-semibold text-no' : ''}`}
    >
      {duration(seconds)} left
    </time>
  );
}
