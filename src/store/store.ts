import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { DatabaseClock } from './clock.ts';
import { type Engine, type EngineOptions, openEngine } from './engine/engine.ts';
import { guarded } from './fault.ts';
import { WriteCombiner } from './flush/combiner.ts';
import { FLUSH_TYPES, type FlushType, mustBeEntered, type Write, type Written } from './flush/rows.ts';
import { APPENDING, ENTERING } from './flush/statement.ts';
import { Signals } from './signals.ts';
import type { Tables } from './tables.ts';
import type { TenantTx } from './tenant-tx.ts';

export type { TenantTx } from './tenant-tx.ts';

/** Runs one statement and answers its rows. */
// biome-ignore lint/suspicious/noExplicitAny: whoever asks knows the columns
export type Query = <Row = any>(text: string, values?: unknown[]) => Promise<Row[]>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The doors to the database. Above `store/` there is no other way to a connection. */
export class Store {
  readonly clock = new DatabaseClock();
  readonly signals = new Signals();
  /** Apart, so that what only appends never waits for a row that somebody else holds. */
  readonly #appending: WriteCombiner;
  readonly #entering: WriteCombiner;
  readonly #onQueued = new Set<() => void>();
  readonly engine: Engine;
  readonly #db: Kysely<Tables>;

  private constructor(engine: Engine, flushTypeOids: Record<FlushType, number>) {
    this.engine = engine;
    this.#db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: engine.pool }) });
    this.#appending = new WriteCombiner(engine.openLanes(), APPENDING, flushTypeOids, () => this.#queued());
    this.#entering = new WriteCombiner(engine.openLanes(), ENTERING, flushTypeOids, () => this.#queued());
  }

  static async open(options: EngineOptions): Promise<Store> {
    const engine = await openEngine(options);
    const store = new Store(engine, await readFlushTypes(engine));
    await store.signals.start(store.engine);
    await store.syncClock();
    return store;
  }

  /**
   * Commits what happened to a governed call, together with what happened to others. Resolves when it is durable, or says
   * what it needed and did not find; rejects when neither is certain.
   */
  write(write: Write): Promise<Written> {
    return (mustBeEntered(write) ? this.#entering : this.#appending).write(write);
  }

  /** Calls back for every commit of this node that queued something. Returns what ends that. */
  onQueued(listener: () => void): () => void {
    this.#onQueued.add(listener);
    return () => void this.#onQueued.delete(listener);
  }

  #queued(): void {
    for (const listener of this.#onQueued) listener();
  }

  /** Reads the database's time. */
  async syncClock(): Promise<void> {
    const asked = performance.now();
    const { rows } = await guarded(() => this.engine.pool.query<{ at: Date }>('select clock_timestamp() as at'));
    this.clock.sync(rows[0]!.at, asked);
  }

  /**
   * Runs `work` in one transaction inside the workspace: the only door to tenant tables.
   * Commits when `work` resolves, rolls back when it throws. Throws `StoreUnavailable` when the database
   * cannot answer. Never call it from within another transaction: the embedded engine has one connection.
   */
  withTenant<T>(tenantId: string, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    if (!UUID.test(tenantId)) throw new TypeError('tenantId must be a UUID');
    return this.#inTenant(tenantId, work);
  }

  async #inTenant<T>(tenantId: string, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    let queues = false;
    const noteQueued = (): void => {
      queues = true;
    };
    const result = await guarded(() =>
      this.#db.transaction().execute(async (db) => {
        const { rows } = await sql<{ at: Date }>`
          select set_config('app.tenant_id', ${tenantId}, true), now() as at`.execute(db);
        return work({ tenantId, db, at: rows[0]!.at, noteQueued });
      }),
    );
    if (queues) this.#queued();
    return result;
  }

  /**
   * Runs `work` where only rows that name the presented credential can be seen: a token finds its own row, a
   * person their own memberships, the link of an invitation that one. This is how a workspace is found before one is known. Read only.
   */
  withCredential<T>(
    credential: { tokenSha256: readonly string[] } | { userId: string } | { invitationSha256: string },
    work: (db: Transaction<Tables>) => Promise<T>,
  ): Promise<T> {
    const [name, value] =
      'userId' in credential
        ? ['app.user_id', credential.userId]
        : 'tokenSha256' in credential
          ? ['app.token_sha256', credential.tokenSha256.join()]
          : ['app.invitation_sha256', credential.invitationSha256];
    return guarded(() =>
      this.#db
        .transaction()
        .setAccessMode('read only')
        .execute(async (db) => {
          await sql`select set_config(${name}, ${value}, true)`.execute(db);
          return work(db);
        }),
    );
  }

  /**
   * Runs `work` as the system role: it moves the audit queue and sees which approvals and calls are due, in
   * every workspace, and can do nothing else.
   */
  asSystem<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return guarded(() =>
      this.#db.transaction().execute(async (db) => {
        await sql`set local role countersign_system`.execute(db);
        return work(db);
      }),
    );
  }

  /**
   * Makes the space of the queues' dead rows free for the next ones. Where the login of DATABASE_URL does not own the
   * tables, autovacuum does it, later.
   */
  async vacuumQueues(): Promise<void> {
    await guarded(() =>
      this.engine.withConnection(async (client) => {
        try {
          await client.query('set role none');
          const { rows } = await client.query<{ mine: boolean }>(
            "select pg_has_role(relowner, 'usage') as mine from pg_class where oid = 'gateway_queue'::regclass",
          );
          if (!rows[0]?.mine) return;
          // What is free at the end is needed again at once.
          await client.query('vacuum (skip_locked, truncate off) gateway_queue, audit_pending');
        } finally {
          await client.query('set role countersign_app');
        }
      }),
    );
  }

  /**
   * Runs `work` in one transaction as the login itself, which owns the tables: for a copy of everything (`snapshot`, in
   * which nothing moves and nothing can be written) and for putting one back. Never while requests are served by it.
   */
  asLogin<T>(kind: 'snapshot' | 'change', work: (query: Query) => Promise<T>): Promise<T> {
    return guarded(() =>
      this.engine.withConnection(async (client) => {
        try {
          await client.query('set role none');
          await client.query(kind === 'snapshot' ? 'begin isolation level repeatable read read only' : 'begin');
          // The other side of a copy is a disk, which may take its time.
          await client.query('set local idle_in_transaction_session_timeout = 0');
          const result = await work(async (text, values) => (await client.query(text, values)).rows);
          await client.query('commit');
          return result;
        } catch (fault) {
          await client.query('rollback').catch(() => {});
          throw fault;
        } finally {
          await client.query('set role countersign_app').catch(() => {});
        }
      }),
    );
  }

  /** People's accounts, which no workspace owns: for `identity/` only. */
  get people(): Kysely<Tables> {
    return this.#db;
  }

  /** Waits for the writes under way, then closes every connection. */
  async close(): Promise<void> {
    // A call that ends in one combiner may have its outcome written by the other.
    while (!this.#appending.isIdle || !this.#entering.isIdle) {
      await Promise.all([this.#appending.drain(), this.#entering.drain()]);
    }
    await Promise.all([this.#appending.close(), this.#entering.close()]);
    await this.signals.stop();
    await this.engine.close();
  }
}

/** The oids of the composite types a flush is made of: every database numbers its own types. */
async function readFlushTypes(engine: Engine): Promise<Record<FlushType, number>> {
  const names = Object.keys(FLUSH_TYPES);
  const { rows } = await guarded(() =>
    engine.pool.query<{ name: FlushType; oid: number }>(
      'select name, to_regtype(name)::oid as oid from unnest($1::text[]) as name',
      [names],
    ),
  );
  return Object.fromEntries(rows.map(({ name, oid }) => [name, oid])) as Record<FlushType, number>;
}
