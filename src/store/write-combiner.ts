import type { Pool } from 'pg';
import { BinaryRows } from './binary-rows.ts';
import { guarded, isAboutTheData, StoreUnavailable } from './fault.ts';
import { FLUSH_TYPES, type FlushType, type Write } from './flush-rows.ts';

/** What became of a row; migrations/0003_gateway.sql says what each means. `busy` is retried here. */
export type WriteResult = 'ok' | 'stale' | 'duplicate' | 'lost';

type Item = {
  readonly tenantId: string;
  readonly write: Write;
  readonly size: number;
  readonly queuedMs: number;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (fault: unknown) => void;
};

type Row = { o_ord: number; o_result: WriteResult | 'busy' };

const BATCH_MAX_ROWS = 256;
/** UTF-16 units of text beside the oldest row, which goes however large it is. */
const BATCH_MAX_SIZE = 1024 * 1024;
/** How long a row may wait for a workspace whose configuration is being changed. */
const BUSY_MAX_MS = 3_000;
const BUSY_RETRY_MS = 4;

const FLUSH = {
  name: 'gateway_flush',
  text: 'select o_ord, o_result from gateway_flush($1, $2, $3, $4, $5, $6)',
};

/**
 * Commits the writes of many concurrent calls together. A write that arrives while the store is idle goes at
 * once; writes that arrive while a flush is under way gather for the next one. Nobody waits for company, and
 * nobody is answered before their row is durable.
 */
export class WriteCombiner {
  readonly #pool: Pool;
  readonly #typeOids: Readonly<Record<FlushType, number>>;
  readonly #idle = new Set<() => void>();
  #queue: Item[] = [];
  #retrying = 0;
  #flying = false;

  constructor(pool: Pool, typeOids: Readonly<Record<FlushType, number>>) {
    this.#pool = pool;
    this.#typeOids = typeOids;
  }

  /** Commits one row and its audit entries; resolves when they are durable. Rejects when that is not certain. */
  write(tenantId: string, write: Write): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ tenantId, write, size: sizeOf(write), queuedMs: performance.now(), resolve, reject });
      this.#next();
    });
  }

  /** Resolves when nothing is queued or under way. */
  drain(): Promise<void> {
    if (!this.#flying && this.#queue.length === 0 && this.#retrying === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  #next(): void {
    if (this.#flying) return;
    if (this.#queue.length === 0) {
      if (this.#retrying > 0) return;
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
      return;
    }
    const batch = this.#take();
    this.#flying = true;
    void this.#flush(batch).finally(() => {
      this.#flying = false;
      this.#next();
    });
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

  async #flush(batch: Item[]): Promise<void> {
    let rows: Row[];
    try {
      ({ rows } = await guarded(() => this.#pool.query<Row>({ ...FLUSH, values: this.#values(batch) })));
    } catch (fault) {
      // One bad row fails the statement for all; alone, each finds out whether it was the one.
      if (batch.length > 1 && isAboutTheData(fault)) for (const item of batch) await this.#flush([item]);
      else for (const item of batch) item.reject(fault);
      return;
    }
    const busy: Item[] = [];
    for (const { o_ord, o_result } of rows) {
      const item = batch[o_ord]!;
      if (o_result !== 'busy') item.resolve(o_result);
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

  /** The statement's parameters: the rows by kind, workspace after workspace, and where each workspace ends. */
  #values(batch: Item[]): Buffer[] {
    const rows = (type: FlushType): BinaryRows => new BinaryRows(FLUSH_TYPES[type], this.#typeOids[type]);
    const batches = rows('gateway_batch');
    const calls = rows('gateway_call');
    const holds = rows('gateway_hold');
    const resumes = rows('gateway_resume');
    const outcomes = rows('gateway_outcome');
    const audits = rows('gateway_audit');
    for (const [tenant, ords] of byTenant(batch)) {
      for (const ord of ords) {
        const { write } = batch[ord]!;
        if (write.kind === 'call') {
          calls.push({ ...write.row, ord });
          if (write.hold !== undefined) holds.push({ ...write.hold, ord });
        } else if (write.kind === 'resume') resumes.push({ ...write.row, ord });
        else outcomes.push({ ...write.row, ord });
        for (const audit of write.audits) audits.push({ ...audit, ord });
      }
      batches.push({
        tenant,
        calls: calls.length,
        holds: holds.length,
        resumes: resumes.length,
        outcomes: outcomes.length,
        audits: audits.length,
      });
    }
    return [batches, calls, holds, resumes, outcomes, audits].map((kind) => kind.toBuffer());
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
  if (write.kind === 'call') return write.row.idempotency_key ?? '';
  return write.kind === 'resume' ? write.row.approval_id : write.row.id;
}

function byTenant(batch: readonly Item[]): Map<string, number[]> {
  const tenants = new Map<string, number[]>();
  batch.forEach(({ tenantId }, ord) => {
    const ords = tenants.get(tenantId);
    if (ords === undefined) tenants.set(tenantId, [ord]);
    else ords.push(ord);
  });
  return tenants;
}

/** About how much text a write carries. */
function sizeOf(write: Write): number {
  if (write.kind === 'call') return (write.row.arguments?.length ?? 0) * (write.hold === undefined ? 1 : 2);
  if (write.kind === 'outcome') return (write.row.result?.length ?? 0) + (write.row.error?.length ?? 0);
  return 0;
}
