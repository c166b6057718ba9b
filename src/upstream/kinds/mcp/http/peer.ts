import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { InputKind, JsonText } from '../../../outcome.ts';
import { Askings } from '../askings.ts';
import { type Message, readMessage, writeAnswer, writeMessage } from '../messages.ts';
import { passingOn } from '../notices.ts';
import { type Asked, type Asking, NotMet, type Peer, type PeerReply, type ServerInfo } from '../peer.ts';
import { discovered, initialized, initializing, LEGACY, MODERN, metaText, paramsText } from '../versions.ts';
import { listenedFor, NOT_TOLD, TOLD, updatedIn } from '../watched.ts';
import {
  diedIdle,
  notMet,
  notMetBecause,
  outcomeBefore,
  reasonOf,
  replyOfMessage,
  speaksEarlier,
  textOf,
} from './reply.ts';
import { modernHeaders } from './request-headers.ts';
import { type Cause, type Headers, type StreamEnd, stream } from './stream.ts';

/** Where a server is, with the secrets in it: kept in memory for as long as the server is. */
export type HttpTarget = {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly maxBytes: number;
  /** What some callers can be asked for. */
  readonly relays: readonly InputKind[];
};

const PROBE_MS = 10_000;
const FAREWELL_MS = 5_000;
/** What the server may say unasked before it is not listened to any more. */
const LISTEN_EVENTS_MAX = 10_000;
const LISTEN_BYTES_MAX = 64 * 1024 ** 2;
const LISTEN_AGAIN_MS = 1_000;
const LISTEN_AGAIN_MAX_MS = 60_000;
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;

/** Whom a server may ask while its answer is waited for. */
type StillAsked = { readonly ask: NonNullable<Asked['ask']>; readonly isOver: () => boolean };

type Sent = { readonly reply: PeerReply; readonly headers: Headers };

/** A server over Streamable HTTP, in the revision that it speaks. */
export class HttpPeer implements Peer {
  readonly #target: HttpTarget;
  readonly #closing = new AbortController();
  #server: ServerInfo = NOBODY;
  #isModern = true;
  #session: string | undefined;
  #ids = 0;
  readonly #askings = new Askings();
  readonly #watched = new Set<string>();
  #listening: AbortController | undefined;
  onUpdated: ((uri: string) => void) | undefined;
  changes = 0;
  isOpen = true;

  constructor(target: HttpTarget) {
    this.#target = target;
  }

  get server(): ServerInfo {
    return this.#server;
  }

  /**
   * Finds out which revision the server speaks, and opens a session where it wants one.
   * @throws NotMet
   */
  async meet(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const until = performance.now() + timeoutMs;
    const left = (): number => Math.max(1, until - performance.now());
    const { reply } = await this.#send('server/discover', {}, { timeoutMs: Math.min(PROBE_MS, left()), signal });
    const modern = reply.kind === 'result' ? discovered(reply.value) : undefined;
    if (modern !== undefined) this.#server = modern;
    else if (speaksEarlier(reply)) await this.#handshake(left, signal);
    else throw new NotMet(notMetBecause(reply));
    if (this.#server.tellsChanges) this.#listenAnew();
  }

  async #handshake(left: () => number, signal?: AbortSignal): Promise<void> {
    this.#isModern = false;
    const { reply, headers } = await this.#send('initialize', initializing(this.#target.relays), {
      timeoutMs: left(),
      signal,
    });
    if (reply.kind !== 'result') throw new NotMet(notMetBecause(reply));
    const server = initialized(reply.value);
    if (server === undefined) {
      throw new NotMet(notMet(`It speaks no revision of MCP that is spoken here: ${MODERN} and ${LEGACY}.`));
    }
    const session = headers['mcp-session-id'];
    if (session !== undefined && (typeof session !== 'string' || !SESSION_ID.test(session))) {
      throw new NotMet(notMet('The id of its session is not acceptable.'));
    }
    this.#session = session;
    this.#server = server;
    const end = await this.#post(writeMessage('notifications/initialized', undefined), left());
    if (end.kind !== 'body' || end.status >= 300) throw new NotMet(notMet('It did not take the end of the handshake.'));
  }

  async ask(method: string, params: Readonly<Record<string, JsonText>>, asking: Asking): Promise<PeerReply> {
    const { reply } = await this.#send(method, params, asking);
    return reply;
  }

  async watch(uri: string, isOn: boolean, asking: Asking): Promise<PeerReply> {
    if (!this.#server.tellsUpdates) return NOT_TOLD;
    if (isOn === this.#watched.has(uri)) return TOLD;
    if (!this.#isModern) {
      const method = isOn ? 'resources/subscribe' : 'resources/unsubscribe';
      const reply = await this.ask(method, { uri: JSON.stringify(uri) }, asking);
      if (reply.kind !== 'result') return reply;
    }
    if (isOn) this.#watched.add(uri);
    else this.#watched.delete(uri);
    // In the later revision what is listened for is said when that begins.
    if (this.#isModern || this.#listening === undefined) this.#listenAnew();
    return TOLD;
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.isOpen = false;
    this.#closing.abort();
    if (this.#session === undefined) return;
    const request = { ...this.#request(), method: 'DELETE' as const, headers: this.#headers([]) };
    void stream(this.#target.dispatcher, request, this.#limits(FAREWELL_MS), () => false);
  }

  async #send(method: string, params: Readonly<Record<string, JsonText>>, asking: Asking): Promise<Sent> {
    this.#ids += 1;
    const id = this.#ids;
    const meta = metaText(this.#isModern, asking.onNotice && id, asking.asked?.kinds);
    const body = writeMessage(method, paramsText(params, meta), id);
    const own = this.#isModern ? modernHeaders(method, params) : [];
    const pass = passingOn(asking.onNotice);
    let heard: Message | undefined;
    let isOver = false;
    const asked = asking.asked?.ask && { ask: asking.asked.ask, isOver: () => isOver };
    const onEvent = (data: string): boolean => {
      const message = readMessage(data);
      if (message === undefined) return false;
      if (message.kind === 'result' || message.kind === 'error') {
        if (message.id !== id) return false;
        heard = message;
        return true;
      }
      this.#hear(message, asked);
      const isOurs = message.kind === 'notice' && (message.params.progressToken ?? id) === id;
      if (isOurs) pass(message.method, message.params);
      return false;
    };
    const end = await this.#post(body, asking.timeoutMs, [...own, ...(asking.headers ?? [])], onEvent, asking.signal);
    isOver = true;
    const reply = await this.#replyOf(end, id, heard);
    if (end.kind === 'cut' && !this.#isModern && this.#server !== NOBODY) this.#cancel(id, end.cause);
    return { reply, headers: 'headers' in end ? end.headers : {} };
  }

  /** What a server says beside an answer. Whom it may ask is known of what comes on the stream of a request. */
  #hear(message: Message, asked?: StillAsked): void {
    if (message.kind === 'notice' && message.method === 'notifications/tools/list_changed') this.changes += 1;
    const updated = updatedIn(message, this.#watched);
    if (updated !== undefined) this.onUpdated?.(updated);
    if (message.kind !== 'asked' || this.#isModern) return;
    const may = this.#askings.take();
    if (may !== 'nothing') void this.#answer(message, may === 'all' ? asked : undefined);
  }

  async #answer({ id, method, params }: Extract<Message, { kind: 'asked' }>, asked?: StillAsked): Promise<void> {
    const answer = await asked?.ask({ method, params });
    if (asked?.isOver()) return;
    await this.#post(writeAnswer(id, method, answer), FAREWELL_MS);
  }

  /** In the later revision an answer that is not waited for any more is called off by ending its stream. */
  #cancel(requestId: number, cause: Cause): void {
    const params = JSON.stringify({ requestId, reason: cause === 'timeout' ? 'timed out' : 'cancelled' });
    void this.#post(writeMessage('notifications/cancelled', params), FAREWELL_MS);
  }

  /** Listens for what is of interest now, in the place of what was before. */
  #listenAnew(): void {
    this.#listening?.abort();
    const listening = new AbortController();
    this.#listening = listening;
    const ended = AbortSignal.any([listening.signal, this.#closing.signal]);
    void this.#keepListening(ended).finally(() => {
      if (this.#listening === listening) this.#listening = undefined;
    });
  }

  /**
   * Hears of changed lists for as long as the server keeps the stream open: what is missed is seen when it is listed again.
   * For resources that are watched it is opened anew.
   */
  async #keepListening(ended: AbortSignal): Promise<void> {
    let waitMs = LISTEN_AGAIN_MS;
    for (;;) {
      const begunMs = performance.now();
      await this.#listen(ended);
      if (ended.aborted || this.#watched.size === 0) return;
      waitMs = performance.now() - begunMs > LISTEN_AGAIN_MAX_MS ? LISTEN_AGAIN_MS : waitMs;
      await sleep(waitMs, undefined, { signal: ended, ref: false }).catch(() => {});
      waitMs = Math.min(waitMs * 2, LISTEN_AGAIN_MAX_MS);
    }
  }

  async #listen(ended: AbortSignal): Promise<void> {
    let left = LISTEN_EVENTS_MAX;
    const onEvent = (data: string): boolean => {
      left -= 1;
      const message = readMessage(data);
      if (message !== undefined) this.#hear(message);
      return left <= 0;
    };
    const limits = { ...this.#limits(Infinity), maxStreamBytes: LISTEN_BYTES_MAX };
    if (!this.#isModern) {
      const request = { ...this.#request(), method: 'GET' as const, headers: this.#headers([]) };
      await stream(this.#target.dispatcher, request, limits, onEvent, ended);
      return;
    }
    this.#ids += 1;
    const params = paramsText(listenedFor(this.#server.tellsChanges, this.#watched), metaText(true));
    const request = {
      ...this.#request(),
      headers: this.#headers(modernHeaders('subscriptions/listen', {})),
      body: writeMessage('subscriptions/listen', params, this.#ids),
    };
    await stream(this.#target.dispatcher, request, limits, onEvent, ended);
  }

  async #post(
    body: string,
    timeoutMs: number,
    more: readonly string[] = [],
    onEvent: (data: string) => boolean = () => false,
    signal?: AbortSignal,
  ): Promise<StreamEnd> {
    const request = { ...this.#request(), headers: this.#headers(more), body };
    const until = performance.now() + timeoutMs;
    // Twice at most: a pooled connection that died while idle may take a request down with it before anything was
    // written. That is the only repeat, and it repeats nothing that was sent.
    for (let attempt = 1; ; attempt += 1) {
      const limits = this.#limits(Math.max(1, until - performance.now()));
      const end = await stream(this.#target.dispatcher, request, limits, onEvent, signal);
      if (end.kind !== 'not_sent' || attempt === 2 || !diedIdle(end.cause)) return end;
    }
  }

  #request() {
    const { origin, path } = this.#target;
    return { origin, path, method: 'POST' as const, body: null as string | null };
  }

  #headers(more: readonly string[]): string[] {
    const own = ['accept', 'application/json, text/event-stream', 'content-type', 'application/json'];
    if (this.#session !== undefined) own.push('mcp-session-id', this.#session);
    if (!this.#isModern && this.#server !== NOBODY) own.push('mcp-protocol-version', this.#server.protocol);
    return [...this.#target.headers, ...own, ...more];
  }

  #limits(timeoutMs: number) {
    const { maxBytes } = this.#target;
    return { timeoutMs, maxBytes, maxStreamBytes: maxBytes * 2 };
  }

  async #replyOf(end: StreamEnd, id: number, heard: Message | undefined): Promise<PeerReply> {
    switch (end.kind) {
      case 'heard':
        return replyOfMessage(heard!)!;
      case 'silent':
        return { kind: 'cut', reason: 'The server ended its stream without an answer.' };
      case 'not_sent':
        return { kind: 'not_sent', outcome: outcomeBefore(end.cause) };
      case 'cut':
        return { kind: 'cut', reason: reasonOf(end.cause) };
      case 'body':
        return this.#replyOfBody(end, id);
    }
  }

  async #replyOfBody(end: Extract<StreamEnd, { kind: 'body' }>, id: number): Promise<PeerReply> {
    const { status } = end;
    if (status === 404 && this.#session !== undefined) {
      this.isOpen = false;
      return { kind: 'not_sent', outcome: notMet('Its session had ended.') };
    }
    const text = await textOf(end, this.#target.maxBytes);
    if (text === undefined) {
      if (status >= 300) return { kind: 'http', status, text: '' };
      return {
        kind: 'cut',
        reason: `The server's answer is longer than ${this.#target.maxBytes} bytes, or cannot be read.`,
      };
    }
    const message = readMessage(text);
    const reply = message && replyOfMessage(message, status);
    const isOurs =
      message !== undefined && 'id' in message && (message.id === id || (message.id === null && status >= 400));
    if (reply !== undefined && isOurs && (reply.kind === 'error' || status < 300)) return reply;
    if (status >= 300) return { kind: 'http', status, text };
    return { kind: 'cut', reason: `The server answered ${status} with something that is no answer to the request.` };
  }
}

const NOBODY: ServerInfo = {
  name: '',
  version: '',
  protocol: '',
  tellsChanges: false,
  tellsUpdates: false,
  offers: { tools: false, prompts: false, resources: false, completions: false },
};
