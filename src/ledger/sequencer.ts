import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import { signal } from '../store/signals.ts';
import type { Store } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import { LowWater } from './low-water.ts';

/** Entries gather this long; those that come during a round, from its end: a loaded round takes more of them for its cost. */
const ROUND_MS = 200;
/** For what no commit of this node told of: entries of a node that died, or that another is working on. */
const LOOK_MS = 2_000;
const BATCH_MAX = 4_000;
const SETTLE_MAX_MS = 1_000;
/**
 * A loaded queue is dead rows for the most part, and autovacuum comes once a minute or, in the embedded engine, never:
 * until then each new row would be written to new pages, and all of them to disk.
 */
const VACUUM_EVERY_ROWS = 5_000;
/** While somebody keeps an old snapshot it finds nothing to free, and takes longer each time: this share of the time. */
const VACUUM_SHARE = 0.02;

/**
 * Moves pending audit entries into the chains of their workspaces, and what they record of tool calls into the list of
 * calls, 200 ms after their commit, or after the round that was under way by then. Every node runs one; the database lets one at a time work, and a node that
 * dies hands over with its connection.
 */
export class Sequencer {
  readonly #store: Store;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #round: Promise<void> = Promise.resolve();
  #isRunning = false;
  /** Since when there is something of this node's that no round has looked for. */
  #wokenMs: number | undefined;
  #unsubscribe = (): void => {};
  readonly #from = new LowWater();
  #settling: Promise<void> = Promise.resolve();
  #nextSettling: Promise<void> | undefined;
  #stopped = false;
  /** Less after a round that failed, as for want of time: fewer may do. */
  #batchMax = BATCH_MAX;
  #movedSinceVacuum = 0;
  #vacuuming: Promise<void> | undefined;
  #vacuumFromMs = 0;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Begins to work: soon after this node queued something, and now and then for what others did. */
  start(): void {
    this.#unsubscribe = this.#store.onQueued(() => {
      this.#wokenMs ??= performance.now();
      this.#arm();
    });
    // What was queued until now told nobody.
    this.#wokenMs = performance.now();
    this.#arm();
  }

  /** Moves everything that is pending now. Returns how many entries this node moved. */
  async drain(): Promise<number> {
    let total = 0;
    for (;;) {
      const { moved, more } = await this.#moveBatch(true);
      total += moved;
      if (!more) return total;
    }
  }

  /**
   * Resolves when everything committed before the call is in the list of calls and in the chain, so that whoever was
   * answered finds what was recorded; or after a second, when the queue is stuck: reading what there is beats reading
   * nothing. Not from within a transaction: the embedded engine has one connection.
   */
  async settle(): Promise<void> {
    const patience = new AbortController();
    const enough = sleep(SETTLE_MAX_MS, undefined, { signal: patience.signal, ref: false });
    await Promise.race([this.#settled(), enough]).catch(() => {});
    patience.abort();
  }

  #settled(): Promise<void> {
    // What is under way may not have seen what its latest callers look for; they share the next.
    this.#nextSettling ??= this.#settling
      .catch(() => {})
      .then(() => {
        this.#settling = this.#nextSettling!;
        this.#nextSettling = undefined;
        return this.drain();
      })
      .then(() => {});
    return this.#nextSettling;
  }

  /** How long the oldest entry of the queue has waited, in milliseconds. */
  async lagMs(): Promise<number> {
    return this.#store.asSystem(async (db) => {
      const { rows } = await sql<{ lag_ms: number }>`
        select coalesce(extract(epoch from clock_timestamp() - min(at)) * 1000, 0)::float8 as lag_ms
        from (
          (select at from audit_pending order by id limit 1)
          union all
          (select recorded_at from gateway_queue order by id limit 1)
        ) oldest`.execute(db);
      return Math.max(0, Math.round(rows[0]!.lag_ms));
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#round;
    await this.#vacuuming;
  }

  /** Sets the time of the next round, if it is not set for as early already. */
  #arm(): void {
    if (this.#stopped || this.#isRunning) return;
    const now = performance.now();
    const dueMs = this.#wokenMs === undefined ? now + LOOK_MS : this.#wokenMs + ROUND_MS;
    if (dueMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, dueMs - now));
  }

  #begin(): void {
    this.#isRunning = true;
    this.#round = this.#runRound().finally(() => {
      this.#isRunning = false;
      this.#dueMs = Number.POSITIVE_INFINITY;
      if (this.#wokenMs !== undefined) this.#wokenMs = performance.now();
      this.#arm();
    });
  }

  async #runRound(): Promise<void> {
    const isWoken = this.#wokenMs !== undefined;
    this.#wokenMs = undefined;
    let looked = false;
    try {
      for (let more = true; more && !this.#stopped; ) ({ looked, more } = await this.#moveBatch(false));
      this.#vacuum();
    } catch (fault) {
      this.#log.warn({ err: fault }, 'the sequencer could not work; it tries again');
    }
    // Another node was at work, and may have begun before what this one was woken for was committed; or none could be.
    if (isWoken && !looked) this.#wokenMs ??= performance.now();
  }

  async #moveBatch(wait: boolean): Promise<{ looked: boolean; moved: number; more: boolean }> {
    const from = this.#from.next(performance.now());
    try {
      const { looked, lastId, moved, more } = await this.#store.asSystem(async (db) => {
        const asked = performance.now();
        const row = await move(db, this.#batchMax, wait, from);
        // Where nothing was moved or waited for, nothing but this question took time: a good moment to read the clock.
        if (!row.moved && !wait) this.#store.clock.sync(row.at, asked);
        return { looked: row.moved !== null, lastId: row.last_id, moved: row.moved ?? 0, more: row.more ?? false };
      });
      // Not before it is committed: what is rolled back must be found again.
      if (lastId !== null) this.#from.moved(lastId);
      this.#batchMax = Math.min(BATCH_MAX, this.#batchMax * 2);
      this.#movedSinceVacuum += moved;
      return { looked, moved, more };
    } catch (fault) {
      this.#batchMax = Math.max(1, this.#batchMax >> 2);
      throw fault;
    }
  }

  /** Rounds do not wait for it. */
  #vacuum(): void {
    if (this.#movedSinceVacuum < VACUUM_EVERY_ROWS || this.#vacuuming || performance.now() < this.#vacuumFromMs) return;
    this.#movedSinceVacuum = 0;
    const started = performance.now();
    this.#vacuuming = this.#store
      .vacuumQueues()
      .catch((fault) => this.#log.warn({ err: fault }, 'the queues could not be vacuumed; it is tried again'))
      .finally(() => {
        const ended = performance.now();
        this.#vacuumFromMs = ended + (ended - started) / VACUUM_SHARE;
        this.#vacuuming = undefined;
      });
  }
}

type Moved = {
  readonly moved: number | null;
  readonly more: boolean | null;
  readonly tenant_ids: string[] | null;
  readonly last_id: string | null;
  /** How many workspaces have entries that webhooks are to be told of. */
  readonly stretches: number | null;
  readonly at: Date;
};

/** NOTIFY takes at most 8,000 bytes. */
const TENANTS_PER_SIGNAL = 150;

async function announce(db: Transaction<Tables>, tenantIds: string[]): Promise<void> {
  for (let from = 0; from < tenantIds.length; from += TENANTS_PER_SIGNAL) {
    await signal({ db }, { kind: 'audit', tenantIds: tenantIds.slice(from, from + TENANTS_PER_SIGNAL) });
  }
}

/** Moves a batch of the queue and tells the workspaces concerned. */
async function move(db: Transaction<Tables>, limit: number, wait: boolean, from: string): Promise<Moved> {
  const { rows } = await sql<Moved>`
    select moved, more, tenant_ids, last_id, stretches, clock_timestamp() as at
    from audit_sequence(${limit}, ${wait}, ${from})`.execute(db);
  const row = rows[0]!;
  if (row.moved) await announce(db, row.tenant_ids!);
  if (row.stretches) await signal({ db }, { kind: 'deliveries' });
  return row;
}
