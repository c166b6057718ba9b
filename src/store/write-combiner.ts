import type { QueryResult } from 'pg';
import { isAboutTheData, StoreUnavailable } from './fault.ts';

/**
 * Commits the writes of many concurrent calls together. A write that arrives while the store is idle goes at
 * once; writes that arrive while a flush is under way gather for the next one. Nobody waits for company, and
 * nobody is answered before their row is durable.
 */
export type WriteKind = 'calls' | 'resumes' | 'outcomes';

/** What became of a row; migrations/0003_gateway.sql says what each means. `busy` is retried here. */
export type WriteResult = 'ok' | 'stale' | 'duplicate' | 'lost';

type Item = {
  readonly tenantId: string;
  readonly kind: WriteKind;
  /** The row as JSON text without its closing brace, so that only `ord` has to be added at the flush. */
  readonly open: string;
  readonly queuedMs: number;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (fault: unknown) => void;
};

type Row = { o_ord: number; o_result: WriteResult | 'busy' };

const BATCH_MAX = 256;
/** How long a row may wait for a workspace whose configuration is being changed. */
const BUSY_MAX_MS = 3_000;
const BUSY_RETRY_MS = 4;

export class WriteCombiner {
  readonly #flushRows: (batches: string) => Promise<QueryResult<Row>>;
  readonly #idle = new Set<() => void>();
  #queue: Item[] = [];
  #flying = 0;

  /** `flushRows` commits a JSON text of batches in one statement and returns one row per item. */
  constructor(flushRows: (batches: string) => Promise<QueryResult<Row>>) {
    this.#flushRows = flushRows;
  }

  /** Commits one row; resolves when it is durable. Rejects when the store could not say that it is. */
  write(tenantId: string, kind: WriteKind, row: object): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      const open = JSON.stringify(row).slice(0, -1);
      this.#queue.push({ tenantId, kind, open, queuedMs: performance.now(), resolve, reject });
      this.#next();
    });
  }

  /** Resolves when nothing is queued or under way. */
  drain(): Promise<void> {
    if (this.#flying === 0 && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  #next(): void {
    if (this.#flying > 0) return;
    if (this.#queue.length === 0) {
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
      return;
    }
    const batch = this.#queue.length <= BATCH_MAX ? this.#queue : this.#queue.slice(0, BATCH_MAX);
    this.#queue = this.#queue.length <= BATCH_MAX ? [] : this.#queue.slice(BATCH_MAX);
    this.#flying += 1;
    void this.#flush(batch).finally(() => {
      this.#flying -= 1;
      this.#next();
    });
  }

  async #flush(batch: Item[]): Promise<void> {
    let rows: Row[];
    try {
      ({ rows } = await this.#flushRows(batchText(batch)));
    } catch (fault) {
      // One bad row fails the statement for all; alone, each finds out whether it was the one.
      if (batch.length > 1 && isAboutTheData(fault)) {
        for (const item of batch) await this.#flush([item]);
      } else {
        for (const item of batch) item.reject(fault);
      }
      return;
    }
    const busy: Item[] = [];
    for (const { o_ord, o_result } of rows) {
      const item = batch[o_ord]!;
      if (o_result !== 'busy') item.resolve(o_result);
      else if (performance.now() - item.queuedMs < BUSY_MAX_MS) busy.push(item);
      else item.reject(new StoreUnavailable('The workspace is locked by a change that does not end'));
    }
    if (busy.length > 0) {
      setTimeout(() => {
        this.#queue.push(...busy);
        this.#next();
      }, BUSY_RETRY_MS);
    }
  }
}

/** `[{"t":…,"calls":[…],…}]`, with every row's position in the batch as its `ord`. */
function batchText(batch: Item[]): string {
  const tenants = new Map<string, Record<WriteKind, string[]>>();
  batch.forEach((item, ord) => {
    let rows = tenants.get(item.tenantId);
    if (rows === undefined) {
      rows = { calls: [], resumes: [], outcomes: [] };
      tenants.set(item.tenantId, rows);
    }
    rows[item.kind].push(`${item.open},"ord":${ord}}`);
  });
  const batches: string[] = [];
  for (const [tenantId, rows] of tenants) {
    const parts = [`"t":"${tenantId}"`];
    for (const kind of ['calls', 'resumes', 'outcomes'] as const) {
      if (rows[kind].length > 0) parts.push(`"${kind}":[${rows[kind].join()}]`);
    }
    batches.push(`{${parts.join()}}`);
  }
  return `[${batches.join()}]`;
}
