import { failed, type InputKind, type JsonText, type UpstreamOutcome } from '../../../outcome.ts';
import { Askings, type MayAsk } from '../askings.ts';
import { type Message, readMessage, writeAnswer, writeMessage } from '../messages.ts';
import { passingOn } from '../notices.ts';
import { type Asked, type Asking, NotMet, type Peer, type PeerReply, type ServerInfo } from '../peer.ts';
import { discovered, initialized, initializing, LEGACY, MODERN, metaText, paramsText } from '../versions.ts';
import { listenedFor, NOT_TOLD, TOLD, updatedIn } from '../watched.ts';
import type { StdioCommand } from './allow.ts';
import { type ProcessLimits, ServerProcess } from './process.ts';

const PROBE_MS = 5_000;
/** For so long a server may still ask for a request that was given up, unless it answers that before. */
const GIVEN_UP_MS = 60_000;

type Waiting = {
  readonly answer: (reply: PeerReply) => void;
  readonly hear: (method: string, params: Readonly<Record<string, unknown>>) => void;
  readonly asked: Asked | undefined;
};

/** A server as a process, spoken with over its stdin and stdout. */
export class StdioPeer implements Peer {
  readonly #command: StdioCommand;
  readonly #limits: ProcessLimits;
  /** What some callers can be asked for. */
  readonly #relays: readonly InputKind[];
  readonly #waiting = new Map<number, Waiting>();
  #process: ServerProcess | undefined;
  #endedBecause: string | undefined;
  #server: ServerInfo | undefined;
  #isModern = true;
  #ids = 0;
  readonly #askings = new Askings();
  readonly #givenUp = new Map<number, number>();
  readonly #watched = new Set<string>();
  #listenId: number | undefined;
  onUpdated: ((uri: string) => void) | undefined;
  changes = 0;

  constructor(command: StdioCommand, limits: ProcessLimits, relays: readonly InputKind[]) {
    this.#command = command;
    this.#limits = limits;
    this.#relays = relays;
  }

  get server(): ServerInfo {
    return this.#server!;
  }

  get isOpen(): boolean {
    return this.#process?.isOpen ?? false;
  }

  /** The process's id, for whoever looks after it. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts the process and finds out which revision it speaks.
   * @throws NotMet
   */
  async meet(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const until = performance.now() + timeoutMs;
    const left = (): number => Math.max(1, until - performance.now());
    this.#start();
    const probed = await this.#send('server/discover', {}, { timeoutMs: Math.min(PROBE_MS, left()), signal });
    const modern = probed.kind === 'result' ? discovered(probed.value) : undefined;
    if (modern !== undefined) this.#server = modern;
    else await this.#handshake(left, signal);
    if (this.#isModern && this.#server!.tellsChanges) this.#listenAnew();
  }

  #listenAnew(): void {
    if (this.#listenId !== undefined) {
      const said = JSON.stringify({ requestId: this.#listenId });
      this.#process?.write(writeMessage('notifications/cancelled', said));
    }
    this.#ids += 1;
    this.#listenId = this.#ids;
    const params = paramsText(listenedFor(this.#server!.tellsChanges, this.#watched), metaText(true));
    this.#process?.write(writeMessage('subscriptions/listen', params, this.#ids));
  }

  async watch(uri: string, isOn: boolean, asking: Asking): Promise<PeerReply> {
    if (!this.#server!.tellsUpdates) return NOT_TOLD;
    if (isOn === this.#watched.has(uri)) return TOLD;
    if (!this.#isModern) {
      const method = isOn ? 'resources/subscribe' : 'resources/unsubscribe';
      const reply = await this.ask(method, { uri: JSON.stringify(uri) }, asking);
      if (reply.kind !== 'result') return reply;
    }
    if (isOn) this.#watched.add(uri);
    else this.#watched.delete(uri);
    if (this.#isModern) this.#listenAnew();
    return TOLD;
  }

  async #handshake(left: () => number, signal?: AbortSignal): Promise<void> {
    this.#isModern = false;
    // A server of before may leave the probe unanswered, which was nobody's call.
    this.#givenUp.clear();
    // There are servers of the earlier revision that end when they are asked what they do not know.
    if (!this.isOpen) this.#start();
    const reply = await this.#send('initialize', initializing(this.#relays), { timeoutMs: left(), signal });
    const server = reply.kind === 'result' ? initialized(reply.value) : undefined;
    if (server !== undefined) {
      this.#server = server;
      this.#process!.write(writeMessage('notifications/initialized', undefined));
      return;
    }
    const because = this.#endedBecause ?? becauseOf(reply);
    this.close();
    throw new NotMet(notMet(because));
  }

  #start(): void {
    this.#endedBecause = undefined;
    this.#process = new ServerProcess(this.#command, this.#limits, {
      onLine: (line) => this.#read(line),
      onEnd: (because) => {
        this.#endedBecause = because;
        const reply: PeerReply = { kind: 'cut', reason: `The server was gone before it answered. ${because}` };
        for (const { answer } of [...this.#waiting.values()]) answer(reply);
      },
    });
  }

  ask(method: string, params: Readonly<Record<string, JsonText>>, asking: Asking): Promise<PeerReply> {
    return this.#send(method, params, asking);
  }

  close(): void {
    void this.ended();
  }

  /** Ends the process, and waits until it has. */
  async ended(): Promise<void> {
    await this.#process?.end();
  }

  #send(method: string, params: Readonly<Record<string, JsonText>>, asking: Asking): Promise<PeerReply> {
    const { timeoutMs, signal, onNotice, asked } = asking;
    if (signal?.aborted) {
      const outcome = failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
      return Promise.resolve({ kind: 'not_sent', outcome });
    }
    this.#ids += 1;
    const id = this.#ids;
    const meta = metaText(this.#isModern, onNotice && id, asked?.kinds);
    return new Promise((resolve) => {
      const answer = (reply: PeerReply): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(id);
        resolve(reply);
      };
      const giveUp = (reason: string): void => {
        const said = JSON.stringify({ requestId: id, reason });
        this.#process?.write(writeMessage('notifications/cancelled', said));
        this.#forgetGivenUp();
        this.#givenUp.set(id, performance.now() + GIVEN_UP_MS);
        answer({ kind: 'cut', reason: `The call ${reason} before an answer. The server was told.` });
      };
      const onAbort = (): void => giveUp('was cancelled');
      const timer = setTimeout(() => giveUp('timed out'), timeoutMs);
      signal?.addEventListener('abort', onAbort);
      this.#waiting.set(id, { answer, hear: passingOn(onNotice), asked });
      if (this.#process?.write(writeMessage(method, paramsText(params, meta), id))) return;
      answer({ kind: 'not_sent', outcome: notMet(this.#endedBecause ?? 'It does not read what it is sent.') });
    });
  }

  #read(line: string): void {
    const message = readMessage(line);
    if (message === undefined) return;
    switch (message.kind) {
      case 'result':
        this.#givenUp.delete(message.id);
        this.#waiting.get(message.id)?.answer({ kind: 'result', result: message.result, value: message.value });
        return;
      case 'error':
        if (message.id === null) return;
        this.#givenUp.delete(message.id);
        this.#waiting.get(message.id)?.answer({ kind: 'error', error: message.error });
        return;
      case 'notice': {
        const updated = updatedIn(message, this.#watched);
        if (updated !== undefined) this.onUpdated?.(updated);
        this.#hear(message);
        return;
      }
      case 'asked':
        void this.#answer(message, this.#askings.take());
    }
  }

  async #answer({ id, method, params }: Extract<Message, { kind: 'asked' }>, may: MayAsk): Promise<void> {
    if (may === 'nothing') return;
    this.#forgetGivenUp();
    // What it asks while one request runs it asks of whoever made that; of several, and of one that was given up, it
    // cannot be told.
    const [waiting, another] = this.#isModern || this.#givenUp.size > 0 ? [] : [...this.#waiting.values()];
    const isKnown = may === 'all' && another === undefined;
    const answer = isKnown ? await waiting?.asked?.ask?.({ method, params }) : undefined;
    this.#process?.write(writeAnswer(id, method, answer));
  }

  #forgetGivenUp(): void {
    const now = performance.now();
    for (const [id, until] of this.#givenUp) if (until <= now) this.#givenUp.delete(id);
  }

  #hear({ method, params }: Extract<Message, { kind: 'notice' }>): void {
    if (method === 'notifications/tools/list_changed') this.changes += 1;
    const { progressToken } = params;
    if (typeof progressToken === 'number') this.#waiting.get(progressToken)?.hear(method, params);
    // What it logs while one call runs is about that call; of several it cannot be told.
    else if (method === 'notifications/message' && this.#waiting.size === 1) {
      for (const { hear } of this.#waiting.values()) hear(method, params);
    }
  }
}

function becauseOf(reply: PeerReply): string {
  if (reply.kind === 'error') return `It answered the handshake with the error ${reply.error.code}.`;
  if (reply.kind === 'cut') return reply.reason;
  return `It speaks no revision of MCP that is spoken here: ${MODERN} and ${LEGACY}.`;
}

function notMet(because: string): UpstreamOutcome {
  return failed('connect_failed', `The MCP server is not there. ${because} Nothing of the call was sent.`);
}
