import { asStoreFault, isAboutTheData, StoreUnavailable } from '../fault.ts';
import { type Push, writeRows } from './binary-rows.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Lane } from './lane.ts';
import { type CommonColumns, FLUSH_TYPES, type FlushType, type Write } from './rows.ts';
import { type Flushed, type FlushStatement, writeFlush } from './statement.ts';

/** What became of a row; schema/functions/gateway_append.sql and gateway_enter.sql say what each means. `busy` is retried here. */
export type WriteResult = 'ok' | 'stale' | 'duplicate' | 'lost';

type Item = {
  readonly tenantId: string;
  readonly write: Write;
  readonly size: number;
  readonly queuedMs: number;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (fault: unknown) => void;
};

/** A lane, and what its flushes are written into. */
type Way = { readonly lane: Lane; readonly writer: ByteWriter };

const BATCH_MAX_ROWS = 256;
/** UTF-16 units of text beside the oldest row, which goes however large it is. */
const BATCH_MAX_SIZE = 1024 * 1024;
/** How long a row may wait for a workspace whose configuration is being changed. */
const BUSY_MAX_MS = 3_000;
const BUSY_RETRY_MS = 4;
/** While one flush makes its way to the disk, the next is worked on; but only one that is worth a round trip. */
const COMPANY_MIN_ROWS = 24;

/**
 * Commits the writes of many concurrent calls together. What arrives while the store is idle goes at the end of the
 * same turn of the event loop; what arrives while a flush is under way gathers for the next one. Nobody waits for
 * company, and nobody is answered before their row is durable.
 */
export class WriteCombiner {
  readonly #lanes: readonly Lane[];
  readonly #statement: FlushStatement;
  readonly #typeOids: Readonly<Record<FlushType, number>>;
  readonly #idle = new Set<() => void>();
  readonly #free: Way[];
  #queue: Item[] = [];
  #retrying = 0;
  #scheduled = false;

  constructor(lanes: readonly Lane[], statement: FlushStatement, typeOids: Readonly<Record<FlushType, number>>) {
    this.#lanes = lanes;
    this.#statement = statement;
    this.#typeOids = typeOids;
    this.#free = lanes.map((lane) => ({ lane, writer: new ByteWriter() }));
  }

  /** Commits one row and its audit entries; resolves when they are durable. Rejects when that is not certain. */
  write(tenantId: string, write: Write): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ tenantId, write, size: sizeOf(write), queuedMs: performance.now(), resolve, reject });
      this.#schedule();
    });
  }

  get #flying(): number {
    return this.#lanes.length - this.#free.length;
  }

  /** Whether nothing is queued or under way. */
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
      const way = this.#free.pop();
      if (way === undefined) return;
      void this.#fly(this.#take(), way);
    }
    if (!this.isIdle) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  async #fly(batch: Item[], way: Way): Promise<void> {
    try {
      await this.#flush(batch, way);
    } finally {
      this.#free.push(way);
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

  async #flush(batch: Item[], way: Way): Promise<void> {
    const { lane, writer } = way;
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
      if (batch.length > 1 && isAboutTheData(fault)) for (const item of batch) await this.#flush([item], way);
      else for (const item of batch) item.reject(fault);
      return;
    }
    const busy: Item[] = [];
    for (const [ord, item] of batch.entries()) {
      const result = (flushed.refused.get(ord) ?? 'ok') as WriteResult | 'busy';
      if (result !== 'busy') item.resolve(result);
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

type Commons = ReadonlyMap<CommonColumns, number>;

/** What the events of a batch have in common, each once, with its place in the array; arrays count from 1. */
function commonsOf(batch: readonly Item[]): Commons {
  const commons = new Map<CommonColumns, number>();
  for (const { write } of batch) {
    if (write.kind === 'event' && !commons.has(write.row.common)) commons.set(write.row.common, commons.size + 1);
  }
  return commons;
}

/** Pushes what a write has of one kind of row. */
function pushRows(
  type: Exclude<FlushType, 'gateway_batch' | 'gateway_common'>,
  write: Write,
  ord: number,
  commons: Commons,
  push: Push,
): void {
  switch (type) {
    case 'gateway_event':
      if (write.kind === 'event') push(write.row, commons.get(write.row.common)!);
      break;
    case 'gateway_call':
      if (write.kind === 'call') push(write.row, ord);
      break;
    case 'gateway_hold':
      if (write.kind === 'call' && write.hold !== undefined) push(write.hold, ord);
      break;
    case 'gateway_resume':
      if (write.kind === 'resume') push(write.row, ord);
      break;
    case 'gateway_audit':
      if (write.kind !== 'event') for (const audit of write.audits) push(audit, ord);
  }
}

/** Each workspace of a sorted batch, and where its rows of each kind begin and end; arrays count from 1. */
function* workspacesOf(batch: readonly Item[]): Generator<Record<string, unknown>> {
  const ends = { calls: 0, holds: 0, resumes: 0, audits: 0 };
  let begun = { ...ends };
  for (const [ord, { tenantId, write }] of batch.entries()) {
    if (write.kind === 'event') continue;
    if (write.kind === 'resume') ends.resumes += 1;
    else ends.calls += 1;
    if (write.kind === 'call' && write.hold !== undefined) ends.holds += 1;
    ends.audits += write.audits.length;
    if (batch[ord + 1]?.tenantId === tenantId) continue;
    yield {
      tenant: tenantId,
      calls_from: begun.calls + 1,
      calls_to: ends.calls,
      holds_from: begun.holds + 1,
      holds_to: ends.holds,
      resumes_from: begun.resumes + 1,
      resumes_to: ends.resumes,
      audits_from: begun.audits + 1,
      audits_to: ends.audits,
    };
    begun = { ...ends };
  }
}

/**
 * The same order on every node, so that two flushes cannot each wait for what the other has locked: an idempotency
 * key that is being written, an approval that is being used.
 */
function inLockOrder(one: Item, other: Item): number {
  if (one.tenantId !== other.tenantId) return one.tenantId < other.tenantId ? -1 : 1;
  const [key, otherKey] = [lockKeyOf(one.write), lockKeyOf(other.write)];
  return key === otherKey ? 0 : key < otherKey ? -1 : 1;
}

function lockKeyOf(write: Write): string {
  if (write.kind === 'call') return `${write.row.idempotency_key ?? ''} ${write.row.principal_id}`;
  return write.kind === 'resume' ? write.row.approval_id : '';
}

/** About how much text a write carries. */
function sizeOf(write: Write): number {
  if (write.kind === 'call') return write.row.arguments.length * (write.hold === undefined ? 1 : 2);
  return write.kind === 'event' ? (write.row.body?.length ?? 0) : 0;
}
