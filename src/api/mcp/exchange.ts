import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Take } from '../../limits/rate-limiter.ts';
import { rateHeaders } from '../call-rim.ts';
import { NO_SNIFFING, sendWire } from '../wire.ts';
import { type Fault, type RequestId, RPC } from './message.ts';

/** An object's JSON text: what an upstream answered goes through as it came. */
export type JsonText = string;

/** A stream whose client does not read so much of it, in bytes, is ended: it would be kept without end. */
const UNREAD_MAX = 1024 ** 2;

/**
 * The answer of one request. It is a JSON body, unless something has to be told before it: then it is a stream of events
 * (SSE), which ends with the answer. Nothing is kept of it, so a stream that breaks is asked for anew.
 */
export class Exchange {
  readonly #outgoing: ServerResponse;
  readonly #requestId: string;
  readonly #id: RequestId | null;
  readonly #takesEvents: boolean;
  #isOver = false;
  #isStream = false;
  /** More headers of the answer, until it has begun. */
  readonly #headers: Record<string, string> = {};

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, requestId: string, id: RequestId | null) {
    this.#outgoing = outgoing;
    this.#requestId = requestId;
    this.#id = id;
    this.#takesEvents = /(?:^|[,\s])(?:text\/event-stream|\*\/\*)/i.test(incoming.headers.accept ?? '');
  }

  /** Whether the client reads streams. Where not, nothing but the answer reaches it. */
  get takesEvents(): boolean {
    return this.#takesEvents;
  }

  rate(rate: Take | undefined, retryAfterSeconds?: number): void {
    Object.assign(this.#headers, rateHeaders(rate));
    if (retryAfterSeconds !== undefined) this.#headers['retry-after'] = String(retryAfterSeconds);
  }

  header(name: string, value: string): void {
    this.#headers[name] = value;
  }

  /** Tells the client something while its request goes on. */
  notify(method: string, params: object): void {
    this.#say({ jsonrpc: '2.0', method, params });
  }

  /** Begins the stream before there is anything to tell. */
  begin(): void {
    if (this.#isOver || this.#isStream || this.#outgoing.destroyed) return;
    this.#begin();
    this.#outgoing.flushHeaders();
  }

  /** Shows whoever stands in between that the stream is still there. */
  beat(): void {
    if (this.#isStream && !this.#isOver) this.#write(': \n\n');
  }

  /** Ends a stream that answers nothing. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#outgoing.destroyed) this.#outgoing.end();
  }

  /** Asks the client something while its request goes on. What it says comes as a request of its own. */
  ask(id: string, method: string, params: object): void {
    this.#say({ jsonrpc: '2.0', id, method, params });
  }

  result(text: JsonText): void {
    this.#end(200, `{"jsonrpc":"2.0","id":${JSON.stringify(this.#id)},"result":${text}}`);
  }

  fault({ code, message, data, status }: Fault): void {
    const error = { code, message, ...(data && { data }) };
    this.#end(status, JSON.stringify({ jsonrpc: '2.0', id: this.#id, error }));
  }

  /** Takes note of a notification, which has no answer. */
  accepted(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outgoing.writeHead(202, { 'x-request-id': this.#requestId, 'content-length': 0 }).end();
  }

  /** Answers what is no matter of MCP, such as a token that nobody has. A stream has begun too late for that. */
  otherwise(send: () => void): void {
    if (this.#isOver) return;
    if (this.#isStream) {
      this.fault({ kind: 'fault', code: RPC.internalError, message: 'The request was refused.', status: 200 });
      return;
    }
    this.#isOver = true;
    send();
  }

  #say(message: object): void {
    if (this.#isOver || !this.#takesEvents || this.#outgoing.destroyed) return;
    if (!this.#isStream) this.#begin();
    this.#write(event(JSON.stringify(message)));
  }

  #write(text: string): void {
    if (this.#outgoing.destroyed) return;
    if (this.#outgoing.writableLength > UNREAD_MAX) this.#outgoing.destroy();
    else this.#outgoing.write(text);
  }

  #begin(): void {
    this.#isStream = true;
    this.#outgoing.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': this.#requestId,
      [NO_SNIFFING[0]]: NO_SNIFFING[1],
      ...this.#headers,
    });
  }

  #end(status: number, body: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isStream) {
      if (!this.#outgoing.destroyed) this.#outgoing.end(event(body));
      return;
    }
    const headers = { 'content-type': 'application/json', 'x-request-id': this.#requestId, ...this.#headers };
    // The rest of the body is not read, so nothing else can come on this connection.
    sendWire(this.#outgoing, { status, headers: status === 413 ? { ...headers, connection: 'close' } : headers, body });
  }
}

/** JSON has no line breaks outside its strings, and none unescaped inside, except where an upstream's own text has them. */
function event(json: string): string {
  const data = json.includes('\n') || json.includes('\r') ? json.split(/\r\n|\r|\n/).join('\ndata: ') : json;
  return `event: message\ndata: ${data}\n\n`;
}
