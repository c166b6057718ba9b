import { sql, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import { SIGNAL_CHANNEL } from '../store/engine.ts';
import type { Signal } from '../store/signals.ts';
import type { Store } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';

const ROUND_MS = 200;
const BATCH_MAX = 4_000;
/** The embedded engine has no autovacuum, and a queue that is never vacuumed only grows. */
const VACUUM_EVERY_ROWS = 50_000;

/**
 * Moves pending audit entries into the chains of their workspaces, at most 200 ms after their commit. Every
 * node runs one; the database lets one at a time work, and a node that dies hands over with its connection.
 */
export class Sequencer {
  readonly #store: Store;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;
  #movedSinceVacuum = 0;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#runRound().finally(() => {
        if (!this.#stopped) this.start();
      });
    }, ROUND_MS);
  }

  /** Moves everything that is pending now. Returns how many entries this node moved. */
  async drain(): Promise<number> {
    let total = 0;
    for (;;) {
      const moved = await this.#moveBatch();
      total += moved;
      if (moved === 0) return total;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #runRound(): Promise<void> {
    try {
      while (!this.#stopped && (await this.#moveBatch()) >= BATCH_MAX);
      await this.#vacuumEmbedded();
    } catch (fault) {
      this.#log.warn({ err: fault }, 'the sequencer could not work; it tries again');
    }
  }

  async #moveBatch(): Promise<number> {
    const asked = performance.now();
    const moved = await this.#store.asSystem(async (db) => {
      const { rows } = await sql<{ moved: number | null; tenant_ids: string[] | null; at: Date }>`
        select moved, tenant_ids, clock_timestamp() as at from audit_sequence(${BATCH_MAX})`.execute(db);
      const [row] = rows;
      if (row!.moved) {
        await announce(db, row!.tenant_ids!);
      } else {
        // Nothing was moved, so nothing but this question took time: a good moment to read the clock.
        this.#store.clock.sync(row!.at, asked);
      }
      return row!.moved ?? 0;
    });
    this.#movedSinceVacuum += moved;
    return moved;
  }

  async #vacuumEmbedded(): Promise<void> {
    if (this.#store.engine.kind !== 'embedded' || this.#movedSinceVacuum < VACUUM_EVERY_ROWS) return;
    this.#movedSinceVacuum = 0;
    await this.#store.vacuum('audit_pending');
  }
}

/** NOTIFY takes at most 8,000 bytes. */
const TENANTS_PER_SIGNAL = 150;

async function announce(db: Transaction<Tables>, tenantIds: string[]): Promise<void> {
  for (let from = 0; from < tenantIds.length; from += TENANTS_PER_SIGNAL) {
    const message: Signal = { kind: 'audit', tenantIds: tenantIds.slice(from, from + TENANTS_PER_SIGNAL) };
    await sql`select pg_notify(${SIGNAL_CHANNEL}, ${JSON.stringify(message)})`.execute(db);
  }
}
