import type { Dispatcher } from 'undici';
import { BodyCollector } from '../../../exchange/body-collector.ts';
import type { ExchangeRequest } from '../../../exchange/exchange.ts';
import { EventStream } from '../event-stream.ts';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** How one HTTP exchange with an MCP server ended. */
export type StreamEnd =
  /** A whole body that is no event stream; `truncated` if it was longer than the limit. */
  | {
      readonly kind: 'body';
      readonly status: number;
      readonly headers: Headers;
      readonly body: Buffer;
      readonly truncated: boolean;
    }
  /** An event brought what was waited for. */
  | { readonly kind: 'heard'; readonly headers: Headers }
  /** The event stream ended without it. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'not_sent'; readonly cause: Cause }
  | { readonly kind: 'cut'; readonly cause: Cause };

export type Cause = Error | 'timeout' | 'cancelled' | 'too_long';

export type StreamLimits = {
  /** Infinity for a stream that is listened to for as long as it lasts. */
  readonly timeoutMs: number;
  /** Most bytes of a body, or of one event. */
  readonly maxBytes: number;
  /** Most bytes of all events together. */
  readonly maxStreamBytes: number;
};

/** An answered stream may end by itself this long, so that its connection can be used again. */
const LINGER_MS = 500;

/**
 * Sends one request whose answer is a body or an event stream. `onEvent` is told of each event, and says whether it is
 * what was waited for. Never rejects. `not_sent` is a certainty, as in `exchange.ts`.
 */
export function stream(
  dispatcher: Dispatcher,
  { origin, path, method, headers, body }: ExchangeRequest,
  limits: StreamLimits,
  onEvent: (data: string) => boolean,
  signal?: AbortSignal,
): Promise<StreamEnd> {
  if (signal?.aborted) return Promise.resolve({ kind: 'not_sent', cause: 'cancelled' });
  return new Promise((resolve) => {
    const handler = new StreamHandler(limits, onEvent, signal, resolve);
    const options = { origin, path, method, headers, body, idempotent: false, headersTimeout: 0, bodyTimeout: 0 };
    dispatcher.dispatch(options, handler);
  });
}

class StreamHandler implements Dispatcher.DispatchHandler {
  readonly #limits: StreamLimits;
  readonly #onEvent: (data: string) => boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (end: StreamEnd) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #ended = false;
  #status = 0;
  #headers: Headers = {};
  #body: BodyCollector | null = null;
  #events: EventStream | null = null;
  #bytes = 0;

  constructor(
    limits: StreamLimits,
    onEvent: (data: string) => boolean,
    signal: AbortSignal | undefined,
    resolve: (end: StreamEnd) => void,
  ) {
    this.#limits = limits;
    this.#onEvent = onEvent;
    this.#signal = signal;
    this.#resolve = resolve;
    if (limits.timeoutMs !== Infinity) this.#timer = setTimeout(() => this.#stop('timeout'), limits.timeoutMs);
    signal?.addEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#stop('cancelled');

  #stop(cause: Cause): void {
    this.#end({ kind: this.#controller === null ? 'not_sent' : 'cut', cause });
    this.#controller?.abort(new Error(String(cause)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing here makes undici drop the queued request before a byte of it is written.
    if (this.#ended) throw new Error('given up before it was sent');
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    const isStream = status === 200 && /^text\/event-stream\s*(?:;|$)/i.test(String(headers['content-type'] ?? ''));
    if (!isStream) this.#body = new BodyCollector(this.#limits.maxBytes, Number(headers['content-length']));
    // An event stream that is compressed could not be bounded as it comes.
    else if (/^(?:identity)?$/i.test(String(headers['content-encoding'] ?? '').trim()))
      this.#events = new EventStream(this.#limits.maxBytes);
    else this.#stop(new Error('a compressed event stream'));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#events !== null) {
      this.#read(this.#events, chunk);
      return;
    }
    if (this.#body === null || this.#body.add(chunk)) return;
    this.#answer(true);
    controller.abort(new Error('answer too long'));
  }

  #read(events: EventStream, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.maxStreamBytes) {
      this.#stop('too_long');
      return;
    }
    try {
      for (const data of events.read(chunk)) {
        if (!this.#onEvent(data)) continue;
        this.#end({ kind: 'heard', headers: this.#headers });
        const controller = this.#controller;
        setTimeout(() => controller?.abort(new Error('answered')), LINGER_MS).unref();
        return;
      }
    } catch {
      this.#stop('too_long');
    }
  }

  onResponseEnd(): void {
    if (this.#events === null) this.#answer(false);
    else this.#end({ kind: 'silent' });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    this.#end({ kind: this.#controller === null ? 'not_sent' : 'cut', cause });
  }

  #answer(truncated: boolean): void {
    const body = this.#body?.bytes() ?? Buffer.alloc(0);
    this.#end({ kind: 'body', status: this.#status, headers: this.#headers, body, truncated });
  }

  #end(end: StreamEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(end);
  }
}
