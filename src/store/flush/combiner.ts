import { asStoreFault, isAboutTheData, StoreUnavailable } from '../fault.ts';
import { type Push, writeRows } from './binary-rows.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Lane } from './lane.ts';
import { type CommonColumns, FLUSH_TYPES, type FlushType, type Write, type Written } from './rows.ts';
import { type Flushed, type FlushStatement, writeFlush } from './statement.ts';

type Item = {
  readonly write: Write;
  readonly size: number;
  readonly queuedMs: number;
  readonly resolve: (result: Written) => void;
  readonly reject: (fault: unknown) => void;
};

/** A lane, and the buffer that its flushes are written into. */
type Track = { readonly lane: Lane; readonly writer: ByteWriter };

const BATCH_MAX_ROWS = 256;
/** UTF-16 units of text beside the oldest row, which goes however large it is. */
const BATCH_MAX_SIZE = 1024 * 1024;
/** How long a row may wait for a workspace whose configuration is being changed. */
const BUSY_MAX_MS = 3_000;
const BUSY_RETRY_MS = 4;
/** While one flush makes its track to the disk, the next is worked on; but only one that is worth a round trip. */
const COMPANY_MIN_ROWS = 24;

/**
 * Commits the writes of many concurrent calls together. What arrives while the store is idle goes at the end of the
 * same turn of the event loop; what arrives while a flush is under track gathers for the next one. Nobody waits for
 * company, and nobody is answered before their row is durable.
 */
export class WriteCombiner {
  readonly #lanes: readonly Lane[];
  readonly #statement: FlushStatement;
  readonly #typeOids: Readonly<Record<FlushType, number>>;
  readonly #idle = new Set<() => void>();
  readonly #onCommit: () => void;
  readonly #free: Track[];
  #queue: Item[] = [];
  #retrying = 0;
  #scheduled = false;

  /** `onCommit` is called for every flush that wrote something, before those who wait for it go on. */
  constructor(
    lanes: readonly Lane[],
    statement: FlushStatement,
    typeOids: Readonly<Record<FlushType, number>>,
    onCommit: () => void = () => {},
  ) {
    this.#onCommit = onCommit;
    this.#lanes = lanes;
    this.#statement = statement;
    this.#typeOids = typeOids;
    this.#free = lanes.map((lane) => ({ lane, writer: new ByteWriter() }));
  }

  /** Commits one write; resolves when it is durable. Rejects when that is not certain. */
  write(write: Write): Promise<Written> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ write, size: sizeOf(write), queuedMs: performance.now(), resolve, reject });
      this.#schedule();
    });
  }

  get #flying(): number {
    return this.#lanes.length - this.#free.length;
  }

  /** Whether nothing is queued or under track. */
  get isIdle(): boolean {
    return this.#flying === 0 && this.#queue.length === 0 && this.#retrying === 0;
  }

  /** Resolves when it {@link isIdle}. */
  drain(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.add(resolve));
  }

  /** Closes the lanes. What is written from now on is refused. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  /** Whatever else arrived from the network in this turn of the event loop goes along. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#next();
    });
  }

  #next(): void {
    while (this.#queue.length >= (this.#flying === 0 ? 1 : COMPANY_MIN_ROWS)) {
      const track = this.#free.pop();
      if (track === undefined) return;
      void this.#fly(this.#take(), track);
    }
    if (!this.isIdle) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  async #fly(batch: Item[], track: Track): Promise<void> {
    try {
      await this.#flush(batch, track);
    } finally {
      this.#free.push(track);
      this.#next();
    }
  }

  /**
   * The oldest write, and whatever fits beside it. Large writes go one at a time and small ones pass them, so that
   * nobody waits for a queue of somebody else's megabytes.
   */
  #take(): Item[] {
    const batch: Item[] = [];
    const left: Item[] = [];
    let size = 0;
    for (const item of this.#queue) {
      const fits = batch.length < BATCH_MAX_ROWS && size + item.size <= BATCH_MAX_SIZE;
      if (batch.length > 0 && !fits) {
        left.push(item);
        continue;
      }
      if (batch.length > 0) size += item.size;
      batch.push(item);
    }
    this.#queue = left;
    return batch.sort(inLockOrder);
  }

  async #flush(batch: Item[], track: Track): Promise<void> {
    const { lane, writer } = track;
    let flushed: Flushed;
    try {
      writer.clear();
      this.#write(batch, writer);
      flushed = await lane.run(this.#statement, writer.bytes());
      if (flushed.written + flushed.refused.size !== batch.length)
        throw new StoreUnavailable('A flush does not account for every row');
    } catch (caught) {
      // The socket may still be sending these bytes; what it sends must not change.
      writer.abandon();
      const fault = asStoreFault(caught);
      // One bad row fails the statement for all; alone, each finds out whether it was the one.
      if (batch.length > 1 && isAboutTheData(fault)) for (const item of batch) await this.#flush([item], track);
      else for (const item of batch) item.reject(fault);
      return;
    }
    if (flushed.written > 0) this.#onCommit();
    const busy: Item[] = [];
    for (const [place, item] of batch.entries()) {
      const refused = flushed.refused.get(place);
      if (refused === undefined) item.resolve(WRITTEN);
      else if (refused !== 'busy') answer(item, refused);
      else if (performance.now() - item.queuedMs < BUSY_MAX_MS) busy.push(item);
      else item.reject(new StoreUnavailable('The workspace is locked by a change that does not end'));
    }
    if (busy.length > 0) this.#retry(busy);
  }

  #retry(items: Item[]): void {
    this.#retrying += items.length;
    setTimeout(() => {
      this.#retrying -= items.length;
      this.#queue.push(...items);
      this.#next();
    }, BUSY_RETRY_MS);
  }

  /** The rows by kind, workspace after workspace, and where each workspace ends. */
  #write(batch: readonly Item[], out: ByteWriter): void {
    const commons = commonsOf(batch);
    writeFlush(out, this.#statement, (type) => {
      const columns = FLUSH_TYPES[type];
      const typeOid = this.#typeOids[type];
      if (type === 'gateway_common') {
        const each = (push: Push): void => commons.forEach((place, common) => void push(common, place));
        return writeRows(out, columns, typeOid, each, { recurring: true });
      }
      writeRows(out, columns, typeOid, (push) => {
        if (type === 'gateway_batch') for (const workspace of workspacesOf(batch)) push(workspace, 0);
        else for (const [ord, { write }] of batch.entries()) pushRows(type, write, ord, commons, push);
      });
    });
  }
}

const WRITTEN: Written = { ok: true };
const STALE: Written = { ok: false, why: 'stale' };

/** Passes on why the database refused a write: a word, and behind a colon what it found instead. */
function answer({ resolve, reject }: Item, refused: string): void {
  const [why, found = ''] = refused.split(':');
  if (why === 'stale') resolve(STALE);
  else if (why === 'duplicate') resolve({ ok: false, why, executionId: found });
  else if (why === 'lost') resolve({ ok: false, why, status: found });
  else if (why === 'draft') resolve({ ok: false, why, found: found as 'moved' | 'full' });
  else reject(new StoreUnavailable(`The store refused a write for a reason that is not known: ${refused}`));
}

type Commons = ReadonlyMap<CommonColumns, number>;

/** What the events of a batch have in common, each once, with its place in the array; arrays count from 1. */
function commonsOf(batch: readonly Item[]): Commons {
  const commons = new Map<CommonColumns, number>();
  for (const { write } of batch) {
    for (const { common } of write.events) if (!commons.has(common)) commons.set(common, commons.size + 1);
  }
  return commons;
}

/** Pushes what a write has of one kind of row. */
function pushRows(
  type: 'gateway_event' | 'gateway_need',
  { events, requires }: Write,
  place: number,
  commons: Commons,
  push: Push,
): void {
  if (type === 'gateway_event') for (const event of events) push(event, place, commons.get(event.common)!);
  else if (requires !== undefined) {
    const { idempotency, approval, hold, run, draft, said, ...call } = requires;
    push(
      {
        ...call,
        ...hold,
        ...said,
        draft_id: draft?.id,
        draft_version: draft?.version,
        idempotency_key: idempotency?.key,
        request_sha256: idempotency?.request_sha256,
        approval_id: approval?.id,
        approval_becomes: approval?.becomes,
        payload_sha256: approval?.payload_sha256,
        run_read: run?.read,
        run_seen: run?.seen,
        run_write: run?.write,
        run_labels: run?.labels,
      },
      place,
    );
  }
}

/** Each workspace of a sorted batch, and where its rows of each kind begin and end; arrays count from 1. */
function* workspacesOf(batch: readonly Item[]): Generator<Record<string, unknown>> {
  let [events, needs] = [0, 0];
  let begun = { events, needs };
  for (const [place, { write }] of batch.entries()) {
    events += write.events.length;
    needs += write.requires === undefined ? 0 : 1;
    if (batch[place + 1]?.write.tenantId === write.tenantId) continue;
    yield {
      tenant: write.tenantId,
      events_from: begun.events + 1,
      events_to: events,
      needs_from: begun.needs + 1,
      needs_to: needs,
    };
    begun = { events, needs };
  }
}

/**
 * The same order on every node, so that two flushes cannot each wait for what the other has locked: an idempotency
 * key that is being written, an approval that is being used.
 */
function inLockOrder({ write: one }: Item, { write: other }: Item): number {
  if (one.tenantId !== other.tenantId) return one.tenantId < other.tenantId ? -1 : 1;
  const [key, otherKey] = [lockKeyOf(one), lockKeyOf(other)];
  return key === otherKey ? 0 : key < otherKey ? -1 : 1;
}

function lockKeyOf({ requires }: Write): string {
  if (requires?.idempotency !== undefined) return `${requires.idempotency.key} ${requires.principal_id}`;
  return requires?.approval?.id ?? requires?.draft?.id ?? '';
}

/** About how much text a write carries. */
function sizeOf({ events, requires }: Write): number {
  let size = requires?.hold?.envelope.length ?? 0;
  for (const { body } of events) size += body?.length ?? 0;
  return size;
}
