import type { Dispatcher } from 'undici';
import { decodeContent } from '../../../exchange/content-decoding.ts';
import { ConnectionNotMade } from '../../../guarded-connect.ts';
import { failed, type JsonText, type UpstreamOutcome } from '../../../outcome.ts';
import { type Message, readMessage, writeAnswer, writeMessage } from '../messages.ts';
import { passingOn } from '../notices.ts';
import { type Asking, NotMet, type Peer, type PeerReply, type ServerInfo } from '../peer.ts';
import { discovered, INITIALIZE, initialized, LEGACY, MODERN, MODERN_META, paramsText } from '../versions.ts';
import { type Cause, type Headers, type StreamEnd, stream } from './stream.ts';

/** Where a server is, with the secrets in it: kept in memory for as long as the server is. */
export type HttpTarget = {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly maxBytes: number;
};

const PROBE_MS = 10_000;
const FAREWELL_MS = 5_000;
/** What the server may ask of us, and say unasked, before it is not listened to any more. */
const ASKED_MAX = 1_000;
const LISTEN_EVENTS_MAX = 10_000;
const LISTEN_BYTES_MAX = 64 * 1024 ** 2;
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;

type Sent = { readonly reply: PeerReply; readonly headers: Headers };

/** A server over Streamable HTTP, in the revision that it speaks. */
export class HttpPeer implements Peer {
  readonly #target: HttpTarget;
  readonly #closing = new AbortController();
  #server: ServerInfo = NOBODY;
  #isModern = true;
  #session: string | undefined;
  #ids = 0;
  #asked = 0;
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
    if (this.#server.tellsChanges) void this.#listen();
  }

  async #handshake(left: () => number, signal?: AbortSignal): Promise<void> {
    this.#isModern = false;
    const { reply, headers } = await this.#send('initialize', INITIALIZE, { timeoutMs: left(), signal });
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
    const meta = { ...(this.#isModern && MODERN_META), ...(asking.onNotice !== undefined && { progressToken: id }) };
    const body = writeMessage(method, paramsText(params, meta), id);
    const own = this.#isModern ? modernHeaders(method, params) : [];
    const pass = passingOn(asking.onNotice);
    let heard: Message | undefined;
    const onEvent = (data: string): boolean => {
      const message = readMessage(data);
      if (message === undefined) return false;
      if (message.kind === 'result' || message.kind === 'error') {
        if (message.id !== id) return false;
        heard = message;
        return true;
      }
      this.#hear(message);
      const isOurs = message.kind === 'notice' && (message.params.progressToken ?? id) === id;
      if (isOurs) pass(message.method, message.params);
      return false;
    };
    const end = await this.#post(body, asking.timeoutMs, [...own, ...(asking.headers ?? [])], onEvent, asking.signal);
    const reply = await this.#replyOf(end, id, heard);
    if (end.kind === 'cut' && !this.#isModern && this.#server !== NOBODY) this.#cancel(id, end.cause);
    return { reply, headers: 'headers' in end ? end.headers : {} };
  }

  /** What a server says beside an answer. */
  #hear(message: Message): void {
    if (message.kind === 'notice' && message.method === 'notifications/tools/list_changed') this.changes += 1;
    if (message.kind !== 'asked' || this.#isModern || this.#asked >= ASKED_MAX) return;
    this.#asked += 1;
    void this.#post(writeAnswer(message.id, message.method), FAREWELL_MS);
  }

  /** In the later revision an answer that is not waited for any more is called off by ending its stream. */
  #cancel(requestId: number, cause: Cause): void {
    const params = JSON.stringify({ requestId, reason: cause === 'timeout' ? 'timed out' : 'cancelled' });
    void this.#post(writeMessage('notifications/cancelled', params), FAREWELL_MS);
  }

  /** Hears of changed lists for as long as the server keeps the stream open. What is missed is seen when it is listed again. */
  async #listen(): Promise<void> {
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
      await stream(this.#target.dispatcher, request, limits, onEvent, this.#closing.signal);
      return;
    }
    this.#ids += 1;
    const params = paramsText({ notifications: '{"toolsListChanged":true}' }, MODERN_META);
    const request = {
      ...this.#request(),
      headers: this.#headers(modernHeaders('subscriptions/listen', {})),
      body: writeMessage('subscriptions/listen', params, this.#ids),
    };
    await stream(this.#target.dispatcher, request, limits, onEvent, this.#closing.signal);
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
  offers: { tools: false, prompts: false, resources: false, completions: false },
};

function replyOfMessage(message: Message, httpStatus?: number): PeerReply | undefined {
  if (message.kind === 'result') return { kind: 'result', result: message.result, value: message.value };
  if (message.kind !== 'error') return undefined;
  return { kind: 'error', error: message.error, ...(httpStatus !== undefined && httpStatus >= 300 && { httpStatus }) };
}

async function textOf(
  { headers, body, truncated }: Extract<StreamEnd, { kind: 'body' }>,
  maxBytes: number,
): Promise<string | undefined> {
  if (truncated) return undefined;
  const encoding = String(headers['content-encoding'] ?? '')
    .trim()
    .toLowerCase();
  if (encoding === '' || encoding === 'identity' || body.length === 0) return body.toString();
  const decoded = await decodeContent(encoding, body, maxBytes);
  return decoded === null || decoded.truncated ? undefined : decoded.bytes.toString();
}

/** Whether what came of the probe may be the word of a server of the earlier revision. */
function speaksEarlier(reply: PeerReply): boolean {
  if (reply.kind === 'http') return reply.status >= 400 && reply.status !== 401 && reply.status !== 403;
  if (reply.kind === 'error') return reply.httpStatus !== 401 && reply.httpStatus !== 403;
  return reply.kind === 'result' || reply.kind === 'cut';
}

function notMetBecause(reply: PeerReply): UpstreamOutcome {
  switch (reply.kind) {
    case 'not_sent':
      return reply.outcome;
    case 'cut':
      return notMet(reply.reason);
    case 'error':
      return notMet(`It answered with the error ${reply.error.code}.`);
    case 'http': {
      const { status } = reply;
      if (status >= 300 && status < 400) return notMet(`It answered ${status}. Redirects are never followed.`);
      const wants = status === 401 || status === 403;
      const outcome = notMet(wants ? `It wants other credentials (${status}).` : `It answered ${status}.`);
      // Whoever keeps the connector's token has to know that it was taken for none.
      return outcome.kind === 'failed' ? { ...outcome, httpStatus: status } : outcome;
    }
    case 'result':
      return notMet('Its answer to the handshake cannot be read.');
  }
}

/** Whatever was sent to meet the server: nothing of a call was. */
function notMet(because: string): UpstreamOutcome {
  return failed('connect_failed', `The MCP server could not be reached. ${because} Nothing of the call was sent.`);
}

function outcomeBefore(cause: Cause): UpstreamOutcome {
  if (cause instanceof ConnectionNotMade) return cause.outcome;
  if (cause === 'timeout') return failed('timeout_before_send', 'No connection in time. Nothing was sent.');
  if (cause === 'cancelled') return failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
  return failed('connect_failed', `There was no connection to the upstream (${nameOf(cause)}). Nothing was sent.`);
}

function reasonOf(cause: Cause): string {
  if (cause === 'timeout') return 'The time was up before an answer. The server was told that nobody waits for it.';
  if (cause === 'cancelled') return 'The call was cancelled before an answer. The server was told.';
  if (cause === 'too_long') return 'The server sent more than is read of an answer.';
  return `The connection broke off before an answer (${nameOf(cause)}).`;
}

function nameOf(cause: Cause): string {
  if (typeof cause === 'string') return cause;
  const { code } = cause as { readonly code?: unknown };
  return typeof code === 'string' ? code : cause.name;
}

// undici reports the death of an idle connection with the socket's own code to whatever was waiting for it.
function diedIdle(cause: Cause): boolean {
  return cause instanceof Error && /^(?:ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_SOCKET)$/.test(nameOf(cause));
}

const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/** What the later revision repeats of a request in its headers. */
function modernHeaders(method: string, params: Readonly<Record<string, JsonText>>): string[] {
  const headers = ['mcp-protocol-version', MODERN, 'mcp-method', method];
  const name = params[NAMED_BY[method] ?? ''];
  return name === undefined ? headers : [...headers, 'mcp-name', headerText(JSON.parse(name) as string)];
}

/** A text as the value of a header: as it is where that can be, else in base64. */
export function headerText(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
