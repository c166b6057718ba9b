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

/** A moment: the time if it was today, the day too if not; in full on hover. */
export function Time({ at, full = false }: { at: string | null; full?: boolean }): ReactNode {
  if (at === null) return <span className="text-soft">never</span>;
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  const text = full ? moment.format(date) : (isToday ? today : day).format(date);
  return (
    <time dateTime={at} title={`${moment.format(date)} ${timeZone()}`} className="sm:whitespace-nowrap">
      {text}
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
      title={moment.format(new Date(until))}
      className={`whitespace-nowrap ${seconds < 120 ? 'font-semibold text-no' : ''}`}
    >
      {duration(seconds)} left
    </time>
  );
}
