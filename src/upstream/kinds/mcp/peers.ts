import { failed, type JsonText, refused, type UpstreamOutcome } from '../../outcome.ts';
import type { ListName } from './definitions.ts';
import { type Listed, listAll } from './list.ts';
import {
  CANCELLED,
  DRIFTED,
  DROPPED,
  Entry,
  type HeardOf,
  inTime,
  type Meetable,
  type Pinned,
  type Reached,
  startingAgain,
  TOO_MANY,
  TOO_MANY_WATCHED,
  type Updated,
  type Whose,
} from './met.ts';
import { type Asking, NotMet, type Peer, type PeerReply } from './peer.ts';
import { StdioPeer } from './stdio/peer.ts';

export type { HeardOf, Meetable, Pinned, Reached, Whose } from './met.ts';

export type PeersOptions = {
  /** Whoever compares a list with what was accepted. Waited for before anything is called under that list. */
  readonly onListed?: (heard: HeardOf) => Promise<void>;
  /** Is told of each resource that is watched and has changed. */
  readonly onUpdated?: (heard: Updated) => void;
  /** For how long a list is believed before it is read again, in milliseconds. */
  readonly listMaxAgeMs?: number;
  /** How often servers are looked after between calls, in milliseconds. */
  readonly lookMs?: number;
  readonly maxPeers?: number;
  readonly maxProcesses?: number;
};

const MEET_MS = 30_000;
const LIST_MAX_AGE_MS = 60_000;
const IDLE_MS = 300_000;
const LOOK_MS = 5_000;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 60_000;
/** A server that has stayed this long starts anew with a clean slate. */
const STEADY_MS = 60_000;
/** How long a resource is watched for, unless somebody still wants to know. */
const WATCH_MS = 3_600_000;
const WATCHED_MAX = 64;

type Told = 'onListed' | 'onUpdated';

/**
 * The servers that are met at present, one for each connector and set of secrets: sessions, processes and lists are kept
 * for as long as they are used. Bounded; what nobody uses is closed.
 */
export class Peers {
  readonly #entries = new Map<string, Entry>();
  readonly #options: Required<Omit<PeersOptions, Told>> & Pick<PeersOptions, Told>;
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

  /**
   * Has a server tell when a resource changes, which is asked of it like anything else. It is told no more once nobody has
   * wanted to know for a while (see {@link keepWatching}).
   */
  async watch(reached: Reached, whose: Whose, uri: string, asking: Asking, pinned?: Pinned): Promise<PeerReply> {
    const entry = this.#entryOf(reached, whose);
    if (entry === undefined) return { kind: 'not_sent', outcome: TOO_MANY };
    if (!entry.watched.has(uri) && entry.watched.size >= WATCHED_MAX)
      return { kind: 'not_sent', outcome: TOO_MANY_WATCHED };
    entry.busy += 1;
    try {
      const peer = await this.#met(entry, asking.timeoutMs, asking.signal);
      const drifted = pinned && (await this.#drifted(entry, peer, pinned, asking.timeoutMs, asking.signal));
      if (drifted !== undefined) return { kind: 'not_sent', outcome: drifted };
      const reply = await peer.watch(uri, true, asking);
      if (reply.kind === 'result') entry.watched.set(uri, performance.now() + WATCH_MS);
      return reply;
    } catch (fault) {
      if (fault instanceof NotMet) return { kind: 'not_sent', outcome: fault.outcome };
      throw fault;
    } finally {
      entry.busy -= 1;
      entry.usedAt = performance.now();
    }
  }

  /** Somebody of a workspace still wants to know of a resource. */
  keepWatching(tenantId: string, uri: string): void {
    const until = performance.now() + WATCH_MS;
    for (const { whose, watched } of this.#entries.values()) {
      if (whose.tenantId === tenantId && watched.has(uri)) watched.set(uri, until);
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
      if (theirs >= maxPeers / 2 && this.#dropIdlest(isTheirs) === undefined) return undefined;
      if (this.#entries.size >= maxPeers && this.#dropIdlest(() => true) === undefined) return undefined;
      entry = new Entry(whose, reached);
      this.#entries.set(reached.key, entry);
    }
    entry.isLeft = false;
    if (reached.caller !== undefined) this.#takeOver(entry, reached.caller);
    return entry;
  }

  /** What was watched with secrets that nobody is known by any more is watched with those that came in their place. */
  #takeOver(entry: Entry, caller: string): void {
    if (entry.callers.has(caller)) return;
    entry.callers.add(caller);
    const { tenantId, connectorId } = entry.whose;
    for (const other of this.#entries.values()) {
      const isSame = other.whose.tenantId === tenantId && other.whose.connectorId === connectorId;
      if (other === entry || !isSame || !other.callers.delete(caller) || other.callers.size > 0) continue;
      for (const [uri, until] of other.watched) {
        if (entry.watched.size >= WATCHED_MAX || entry.watched.has(uri)) continue;
        entry.watched.set(uri, until);
        void entry.peer?.watch(uri, true, { timeoutMs: MEET_MS });
      }
      other.watched.clear();
      other.isLeft = true;
    }
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
      if (!(await this.#hasRoomForProcess(entry.whose))) throw new NotMet(TOO_MANY);
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
    peer.onUpdated = (uri) => this.#options.onUpdated?.({ ...entry.whose, uri });
    for (const uri of entry.watched.keys()) void peer.watch(uri, true, { timeoutMs: MEET_MS });
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
    { list, name, pin, mayBeGone }: Pinned,
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
    const said = listed.items.get(name);
    if (said === undefined ? mayBeGone : said.pin === pin) return undefined;
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
      this.#unwatch(entry);
      const { peer, watched } = entry;
      const isOver = entry.isLeft || performance.now() - entry.usedAt > IDLE_MS;
      if (entry.busy === 0 && watched.size === 0 && isOver) {
        void this.#drop(key, entry);
        continue;
      }
      if (!peer?.isOpen) {
        // What it would tell of is only heard once it is met again.
        if (watched.size > 0) void this.#met(entry, MEET_MS).catch(() => {});
        continue;
      }
      for (const [list, kept] of entry.lists) {
        if (kept.changes !== peer.changes) await this.#read(entry, peer, list).catch(() => {});
      }
    }
  }

  /** Wants to know no more of what nobody has asked for in a while. */
  #unwatch({ watched, peer }: Entry): void {
    const now = performance.now();
    for (const [uri, until] of watched) {
      if (until > now) continue;
      watched.delete(uri);
      void peer?.watch(uri, false, { timeoutMs: MEET_MS });
    }
  }

  /** Whether one more process may run, for which one that nobody uses may have to go. No workspace has more than half. */
  async #hasRoomForProcess({ tenantId }: Whose): Promise<boolean> {
    const { maxProcesses } = this.#options;
    const running = [...this.#entries.values()].filter(
      ({ isProcess, meeting, peer }) => isProcess && (meeting !== undefined || peer?.isOpen),
    );
    const theirs = running.filter(({ whose }) => whose.tenantId === tenantId).length;
    const isIdle = ({ peer }: Entry): boolean => peer instanceof StdioPeer && peer.isOpen;
    if (theirs >= Math.max(1, Math.floor(maxProcesses / 2))) {
      return this.#endIdlest((one) => isIdle(one) && one.whose.tenantId === tenantId);
    }
    return running.length < maxProcesses || this.#endIdlest(isIdle);
  }

  /** Whether there was one that could be ended; then it has. */
  async #endIdlest(isMeant: (entry: Entry) => boolean): Promise<boolean> {
    const ending = this.#dropIdlest(isMeant);
    await ending;
    return ending !== undefined;
  }

  /** Ends the one that was not used for longest, or says undefined where there is none. */
  #dropIdlest(isMeant: (entry: Entry) => boolean): Promise<void> | undefined {
    let idlest: [string, Entry] | undefined;
    for (const [key, entry] of this.#entries) {
      if (entry.busy > 0 || !isMeant(entry)) continue;
      if (idlest === undefined || goesBefore(entry, idlest[1])) idlest = [key, entry];
    }
    return idlest && this.#drop(...idlest);
  }

  async #drop(key: string, entry: Entry): Promise<void> {
    entry.isDropped = true;
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    const { peer } = entry;
    if (peer instanceof StdioPeer) await peer.ended();
    else peer?.close();
  }
}

/** Which of two goes first: one of which somebody hears what changes goes last. */
function goesBefore(one: Entry, other: Entry): boolean {
  const [hears, otherHears] = [one.watched.size > 0, other.watched.size > 0];
  return hears === otherHears ? one.usedAt < other.usedAt : otherHears;
}
