import { ApiProblem, askRaw } from '../api/http.ts';
import { EventStreamReader } from './event-stream.ts';

/** An entry of the audit log as the live stream tells it. */
export type LiveEvent = {
  readonly seq: number;
  readonly event_type: string;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly data?: Readonly<Record<string, unknown>>;
};

/**
 * `live`: the stream is open. `stale`: it is cut and being tried again. `unreachable`: that, and the last attempt did not
 * reach the server at all. `off`: this person may not follow it.
 */
export type StreamState = 'connecting' | 'live' | 'stale' | 'unreachable' | 'off';

const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 15_000;
/** The server sends a sign of life every 15 s; without one for so long, the stream is dead and does not know it. */
const SILENCE_MAX_MS = 40_000;

/** Who is told what a stream says. */
export type Hears = {
  readonly state: (state: StreamState) => void;
  readonly event: (event: LiveEvent) => void;
  /** The stream begins behind `seq`; `lost` when that is not where the last one ended, so that what is on screen may be old. */
  readonly ready: (seq: number, lost: boolean) => void;
};

/**
 * Follows a workspace's events until the signal, behind the one numbered `lastSeq` if given. A cut stream is taken up
 * again after the last event that was seen (`Last-Event-ID`), so that nothing is missed; pauses between attempts double
 * up to 15 s.
 */
export async function follow(
  workspace: string,
  signal: AbortSignal,
  on: Hears,
  lastSeq: number | null = null,
): Promise<void> {
  let lastId = lastSeq === null ? null : String(lastSeq);
  let pauseMs = FIRST_PAUSE_MS;
  on.state('connecting');
  while (!signal.aborted) {
    let cut: StreamState = 'stale';
    const attempt = new AbortController();
    const silence = new Silence(attempt);
    try {
      const headers = { accept: 'text/event-stream', ...(lastId !== null && { 'last-event-id': lastId }) };
      const response = await askRaw('/v1/events', {
        workspace,
        headers,
        signal: AbortSignal.any([signal, attempt.signal]),
      });
      const reader = new EventStreamReader();
      const decoder = new TextDecoder();
      const body = response.body?.getReader();
      for (let read = await body?.read(); read && !read.done; read = await body?.read()) {
        silence.broken();
        for (const { id, event, data } of reader.push(decoder.decode(read.value, { stream: true }))) {
          const isBehind = lastId !== null;
          lastId = id ?? lastId;
          if (event === 'ready') {
            pauseMs = FIRST_PAUSE_MS;
            const { seq, resumed } = JSON.parse(data) as { seq: number; resumed: boolean };
            on.ready(seq, isBehind && !resumed);
            on.state('live');
          } else on.event(JSON.parse(data) as LiveEvent);
        }
      }
    } catch (problem) {
      if (problem instanceof ApiProblem && [401, 403].includes(problem.status)) return on.state('off');
      if (problem instanceof ApiProblem && problem.status === 0) cut = 'unreachable';
    } finally {
      silence.end();
    }
    if (signal.aborted) return;
    on.state(cut);
    await pause(pauseMs * (0.75 + Math.random() / 2), signal);
    pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
  }
}

/** Aborts an attempt that has been silent for too long. */
class Silence {
  readonly #attempt: AbortController;
  #timer: ReturnType<typeof setTimeout>;

  constructor(attempt: AbortController) {
    this.#attempt = attempt;
    this.#timer = this.#wait();
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#wait();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#attempt.abort(), SILENCE_MAX_MS);
  }
}

/** Waits, or less when the browser comes back online or the page into view. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
    document.addEventListener('visibilitychange', done);
    signal.addEventListener('abort', done);
  });
}
