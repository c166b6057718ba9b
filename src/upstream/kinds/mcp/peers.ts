import { failed, type JsonText, refused, type UpstreamOutcome } from '../../outcome.ts';
import type { Listing, ListName } from './definitions.ts';
import { type Listed, listAll } from './list.ts';
import { type Asking, NotMet, type Peer, type PeerReply } from './peer.ts';
import { StdioPeer } from './stdio/peer.ts';

/** Whose server it is. */
export type Whose = { readonly tenantId: string; readonly connectorId: string };

/** What a server's list has come to, told whenever one was read anew. */
export type HeardOf = Whose & { readonly list: ListName; readonly items: Listing };

export type PeersOptions = {
  /** Whoever compares a list with what was accepted. Waited for before anything is called under that list. */
  readonly onListed?: (heard: HeardOf) => Promise<void>;
  /** For how long a list is believed before it is read again, in milliseconds. */
  readonly listMaxAgeMs?: number;
  /** How often servers are looked after between calls, in milliseconds. */
  readonly lookMs?: number;
  readonly maxPeers?: number;
  readonly maxProcesses?: number;
};

/** A server that can be met: how is the transport's own. */
export type Meetable = Peer & { meet(timeoutMs: number, signal?: AbortSignal): Promise<void> };

/** How a server is reached: what it is known by, how it is met, and whether a text of it may be kept. */
export type Reached = {
  readonly key: string;
  readonly make: () => Meetable;
  /** False for a text that holds a secret which was sent. */
  readonly isClean: (text: string) => Promise<boolean>;
};

/** What a request rests on: a definition that must still be what it was when it was accepted. */
export type Pinned = { readonly list: ListName; readonly name: string; readonly pin: string };

const MEET_MS = 30_000;
const LIST_MAX_AGE_MS = 60_000;
const IDLE_MS = 300_000;
const LOOK_MS = 5_000;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 60_000;
/** A server that has stayed this long starts anew with a clean slate. */
const STEADY_MS = 60_000;

type Kept = { readonly listed: Listed; readonly at: number; readonly changes: number };

/** One server as one connector and one set of secrets reach it. */
class Entry {
  readonly whose: Whose;
  readonly make: () => Meetable;
  readonly isClean: (text: string) => Promise<boolean>;
  peer: Meetable | undefined;
  meeting: Promise<Meetable> | undefined;
  /** Whether it is met as a process of this machine. */
  isProcess = false;
  /** Nobody looks after it any more: what is met for it would stay for ever. */
  isDropped = false;
  metAt = 0;
  failures = 0;
  notBefore = 0;
  busy = 0;
  usedAt = performance.now();
  readonly lists = new Map<ListName, Kept>();
  readonly reading = new Map<ListName, Promise<Listed>>();
  readonly told = new Map<ListName, string>();

  constructor(whose: Whose, { make, isClean }: Reached) {
    this.whose = whose;
    this.make = make;
    this.isClean = isClean;
  }
}

/**
 * The servers that are met at present, one for each connector and set of secrets: sessions, processes and lists are kept
 * for as long as they are used. Bounded; what nobody uses is closed.
 */
export class Peers {
  readonly #entries = new Map<string, Entry>();
  readonly #options: Required<Omit<PeersOptions, 'onListed'>> & Pick<PeersOptions, 'onListed'>;
  readonly #looking: NodeJS.Timeout;
  #closed = false;

  constructor(options: PeersOptions = {}) {
    this.#options = { listMaxAgeMs: LIST_MAX_AGE_MS, lookMs: LOOK_MS, maxPeers: 500, maxProcesses: 32, ...options };
    this.#looking = setInterval(() => void this.#look(), this.#options.lookMs);
    this.#looking.unref();
  }

  /**
   * Makes one request of the server that is `reached`, which is met first where it is not. With `pinned` its list is read again where
   * that is due, and the request is refused (`definition_drift`) unless the definition is still the one that was accepted.
   * Never rejects. What was not worked on because the server was gone is asked once more of the server met anew.
   */
  async ask(
    reached: Reached,
    whose: Whose,
    method: string,
    params: Readonly<Record<string, JsonText>>,
    asking: Asking,
    pinned?: Pinned,
  ): Promise<PeerReply> {
    const until = performance.now() + asking.timeoutMs;
    const left = (): number => Math.max(1, until - performance.now());
    const entry = this.#entryOf(reached, whose);
    if (entry === undefined) return { kind: 'not_sent', outcome: TOO_MANY };
    entry.busy += 1;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const peer = await this.#met(entry, left(), asking.signal);
        const drifted = pinned && (await this.#drifted(entry, peer, pinned, left(), asking.signal));
        if (drifted !== undefined) {
          if (!peer.isOpen && attempt === 1) continue;
          return { kind: 'not_sent', outcome: drifted };
        }
        const reply = await peer.ask(method, params, { ...asking, timeoutMs: left() });
        if (reply.kind !== 'not_sent' || peer.isOpen || attempt === 2) return reply;
      }
    } catch (fault) {
      if (fault instanceof NotMet) return { kind: 'not_sent', outcome: fault.outcome };
      throw fault;
    } finally {
      entry.busy -= 1;
      entry.usedAt = performance.now();
    }
  }

  /** Reads a list now, whatever is remembered. @throws NotMet */
  async list(reached: Reached, whose: Whose, lists: readonly ListName[], timeoutMs: number) {
    const until = performance.now() + timeoutMs;
    const entry = this.#entryOf(reached, whose);
    if (entry === undefined) throw new NotMet(TOO_MANY);
    entry.busy += 1;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const peer = await this.#met(entry, Math.max(1, until - performance.now()));
        const found = new Map<ListName, Listed>();
        for (const list of lists) {
          found.set(list, await this.#read(entry, peer, list, Math.max(1, until - performance.now())));
        }
        if (peer.isOpen || attempt === 2) return { server: peer.server, found };
      }
    } finally {
      entry.busy -= 1;
      entry.usedAt = performance.now();
    }
  }

  /** Whose servers are met at present. */
  whose(): Whose[] {
    return [...this.#entries.values()].map(({ whose }) => whose);
  }

  /** Ends what a connector has open: it was revoked, or leads elsewhere. */
  async forget({ tenantId, connectorId }: Whose): Promise<void> {
    const gone = [...this.#entries].filter(
      ([, { whose }]) => whose.tenantId === tenantId && whose.connectorId === connectorId,
    );
    await Promise.all(gone.map(([key, entry]) => this.#drop(key, entry)));
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#looking);
    await Promise.all([...this.#entries].map(([key, entry]) => this.#drop(key, entry)));
  }

  #entryOf(reached: Reached, whose: Whose): Entry | undefined {
    if (this.#closed) return undefined;
    let entry = this.#entries.get(reached.key);
    if (entry === undefined) {
      const { maxPeers } = this.#options;
      const isTheirs = (one: Entry): boolean => one.whose.tenantId === whose.tenantId;
      // No workspace takes the places of all others: of what is there, one has half at most.
      const theirs = [...this.#entries.values()].filter(isTheirs).length;
      if (theirs >= maxPeers / 2 && !this.#dropIdlest(isTheirs)) return undefined;
      if (this.#entries.size >= maxPeers && !this.#dropIdlest(() => true)) return undefined;
      entry = new Entry(whose, reached);
      this.#entries.set(reached.key, entry);
    }
    return entry;
  }

  /** @throws NotMet */
  async #met(entry: Entry, timeoutMs: number, signal?: AbortSignal): Promise<Meetable> {
    if (entry.isDropped) throw new NotMet(DROPPED);
    if (entry.peer?.isOpen) return entry.peer;
    entry.meeting ??= this.#meet(entry).finally(() => {
      entry.meeting = undefined;
    });
    // Others may wait for the same server longer than this call does.
    return inTime(entry.meeting, timeoutMs, signal);
  }

  async #meet(entry: Entry): Promise<Meetable> {
    const now = performance.now();
    const isBack = entry.peer !== undefined;
    entry.peer?.close();
    entry.peer = undefined;
    entry.lists.clear();
    const peer = entry.make();
    entry.isProcess = peer instanceof StdioPeer;
    if (entry.isProcess) {
      if (isBack) this.#failed(entry, now - entry.metAt < STEADY_MS);
      const waitMs = entry.notBefore - now;
      if (waitMs > 0) throw new NotMet(startingAgain(entry.failures, waitMs));
      if (
        this.#processes() >= this.#options.maxProcesses &&
        !this.#dropIdlest(({ peer: its }) => its instanceof StdioPeer)
      )
        throw new NotMet(TOO_MANY);
    }
    try {
      await peer.meet(MEET_MS);
    } catch (fault) {
      peer.close();
      this.#failed(entry, true);
      throw fault;
    }
    if (this.#closed || entry.isDropped) {
      peer.close();
      throw new NotMet(this.#closed ? CANCELLED : DROPPED);
    }
    entry.peer = peer;
    entry.metAt = performance.now();
    return peer;
  }

  #failed(entry: Entry, soon: boolean): void {
    entry.failures = soon ? entry.failures + 1 : 1;
    // The first time it is started anew at once.
    const waitMs = entry.failures === 1 ? 0 : Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (entry.failures - 2));
    entry.notBefore = waitMs === 0 ? 0 : performance.now() + waitMs;
  }

  /** Why a request may not be made: the definition is no longer the one that was accepted, or cannot be compared. */
  async #drifted(
    entry: Entry,
    peer: Peer,
    { list, name, pin }: Pinned,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<UpstreamOutcome | undefined> {
    const kept = entry.lists.get(list);
    const isFresh =
      kept?.listed.ok === true &&
      kept.changes === peer.changes &&
      performance.now() - kept.at < this.#options.listMaxAgeMs;
    const listed = isFresh ? kept.listed : await inTime(this.#read(entry, peer, list), timeoutMs, signal);
    if (!listed.ok) {
      const { reply } = listed;
      if (reply?.kind === 'not_sent') return reply.outcome;
      return failed('connect_failed', `The MCP server: ${listed.because} Nothing of the call was sent.`);
    }
    if (listed.items.get(name)?.pin === pin) return undefined;
    await this.#options.onListed?.({ ...entry.whose, list, items: listed.items }).catch(() => {});
    return refused('definition_drift', DRIFTED);
  }

  /** Reads a list, once for all who wait for it, and has it compared with what was accepted. Never rejects. */
  #read(entry: Entry, peer: Peer, list: ListName, timeoutMs = MEET_MS): Promise<Listed> {
    const running = entry.reading.get(list);
    if (running !== undefined) return running;
    const reading = this.#readNow(entry, peer, list, timeoutMs).finally(() => entry.reading.delete(list));
    entry.reading.set(list, reading);
    return reading;
  }

  async #readNow(entry: Entry, peer: Peer, list: ListName, timeoutMs: number): Promise<Listed> {
    const { changes } = peer;
    const listed = await listAll(peer, list, timeoutMs, entry.isClean);
    if (!listed.ok) return listed;
    const state = [...listed.items].map(([name, { pin }]) => `${name} ${pin}`).join('\n');
    if (entry.told.get(list) !== state) {
      try {
        await this.#options.onListed?.({ ...entry.whose, list, items: listed.items });
      } catch {
        return { ok: false, because: `Its list of ${list} could not be compared with what was accepted.` };
      }
      entry.told.set(list, state);
    }
    entry.lists.set(list, { listed, at: performance.now(), changes });
    return listed;
  }

  /** Closes what nobody uses, and reads again what a server says has changed. */
  async #look(): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (entry.busy === 0 && performance.now() - entry.usedAt > IDLE_MS) {
        void this.#drop(key, entry);
        continue;
      }
      const { peer } = entry;
      if (!peer?.isOpen) continue;
      for (const [list, kept] of entry.lists) {
        if (kept.changes !== peer.changes) await this.#read(entry, peer, list).catch(() => {});
      }
    }
  }

  #processes(): number {
    const entries = [...this.#entries.values()];
    return entries.filter(({ isProcess, meeting, peer }) => isProcess && (meeting !== undefined || peer?.isOpen))
      .length;
  }

  #dropIdlest(isMeant: (entry: Entry) => boolean): boolean {
    let idlest: [string, Entry] | undefined;
    for (const [key, entry] of this.#entries) {
      if (entry.busy > 0 || !isMeant(entry)) continue;
      if (idlest === undefined || entry.usedAt < idlest[1].usedAt) idlest = [key, entry];
    }
    if (idlest !== undefined) void this.#drop(...idlest);
    return idlest !== undefined;
  }

  async #drop(key: string, entry: Entry): Promise<void> {
    entry.isDropped = true;
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    const { peer } = entry;
    if (peer instanceof StdioPeer) await peer.ended();
    else peer?.close();
  }
}

const DRIFTED =
  'The MCP server does not say of this any more what was accepted. Nobody can call it until an admin has looked at what changed.';
const TOO_MANY = failed('connect_failed', 'Too many MCP servers are in use. Nothing of the call was sent.');
const NOT_IN_TIME = failed(
  'timeout_before_send',
  'The MCP server was not there in time. Nothing of the call was sent.',
);
const CANCELLED = failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
const DROPPED = failed(
  'connect_failed',
  'The connector of the MCP server was revoked or changed meanwhile. Nothing of the call was sent.',
);

/** What somebody else may wait for longer than this call does. @throws NotMet */
async function inTime<T>(shared: Promise<T>, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NotMet(NOT_IN_TIME)), timeoutMs);
  const onAbort = (): void => reject(new NotMet(CANCELLED));
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  // Where nobody waits for it any more, its failure is nobody's.
  shared.catch(() => {});
  try {
    return await Promise.race([shared, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function startingAgain(failures: number, waitMs: number): UpstreamOutcome {
  const seconds = Math.ceil(waitMs / 1000);
  const times = failures === 1 ? 'once' : `${failures} times`;
  return failed(
    'connect_failed',
    `The MCP server has ended ${times}. It is started again in ${seconds} s at the earliest. Nothing of the call was sent.`,
  );
}
