import type { Dispatcher } from 'undici';
import { BodyCollector } from './body-collector.ts';

/** A complete answer, or as much of it as the limit let through. */
export type Answer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The body was longer than the limit: reading stopped there and the connection was closed. */
  readonly truncated: boolean;
};

/** How one HTTP exchange ended; `not_sent` is a certainty, `cut` means the request may have arrived. */
export type ExchangeEnd =
  | Answer
  | { readonly kind: 'not_sent'; readonly cause: Error | 'timeout' | 'cancelled' }
  | { readonly kind: 'cut'; readonly cause: Error | 'timeout' | 'cancelled'; readonly status: number | null };

export type ExchangeRequest = Pick<Dispatcher.DispatchOptions, 'origin' | 'path' | 'method' | 'body'> & {
  readonly headers: string[];
};

export type ExchangeLimits = { readonly timeoutMs: number; readonly maxBodyBytes: number };

/**
 * Sends one request and collects its answer within a byte and a time limit. Never rejects.
 *
 * Where the line between `not_sent` and `cut` is drawn: undici calls `onRequestStart` immediately before it
 * writes to a connected socket and never before, so an error that comes earlier happened while queueing or
 * connecting. Nothing after that call can prove that no byte arrived.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  limits: ExchangeLimits,
  signal?: AbortSignal,
): Promise<ExchangeEnd> {
  if (signal?.aborted) return Promise.resolve({ kind: 'not_sent', cause: 'cancelled' });
  const { origin, path, method, headers, body } = request;
  return new Promise((resolve) => {
    const handler = new ExchangeHandler(limits, signal, resolve);
    // One deadline of our own covers the whole exchange; undici's timers restart with every chunk, so a slow
    // drip would keep them from ever firing.
    const options = { origin, path, method, headers, body, idempotent: false, headersTimeout: 0, bodyTimeout: 0 };
    dispatcher.dispatch(options, handler);
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (end: ExchangeEnd) => void;
  readonly #maxBodyBytes: number;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #ended = false;
  #status: number | null = null;
  #headers: Answer['headers'] = {};
  #body: BodyCollector | null = null;

  constructor(limits: ExchangeLimits, signal: AbortSignal | undefined, resolve: (end: ExchangeEnd) => void) {
    this.#resolve = resolve;
    this.#maxBodyBytes = limits.maxBodyBytes;
    this.#timer = setTimeout(giveUp, limits.timeoutMs, this);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.stop('cancelled');

  /** Ends the exchange from our side; an open connection is closed, so no late answer can be mistaken. */
  stop(cause: 'timeout' | 'cancelled'): void {
    this.#end(this.#controller === null ? { kind: 'not_sent', cause } : { kind: 'cut', cause, status: this.#status });
    this.#controller?.abort(new Error(cause));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing here makes undici drop the queued request before a byte of it is written.
    if (this.#ended) throw new Error('given up before it was sent');
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#body = new BodyCollector(this.#maxBodyBytes, Number(headers['content-length']));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended || this.#body === null || this.#body.add(chunk)) return;
    this.#answer(true);
    controller.abort(new Error('answer too long'));
  }

  onResponseEnd(): void {
    this.#answer(false);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#end(
      this.#controller === null
        ? { kind: 'not_sent', cause: error }
        : { kind: 'cut', cause: error, status: this.#status },
    );
  }

  #answer(truncated: boolean): void {
    const body = this.#body?.bytes() ?? Buffer.alloc(0);
    this.#end({ kind: 'answer', status: this.#status ?? 0, headers: this.#headers, body, truncated });
  }

  #end(end: ExchangeEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(end);
  }
}

function giveUp(handler: ExchangeHandler): void {
  handler.stop('timeout');
}
