import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { type Lane, OwnLane } from '../flush/lane.ts';
import { runFlush } from '../flush/statement.ts';
import { migrate } from '../schema/migrate.ts';
import { startEmbedded } from './embedded.ts';

/** One `pg`-shaped pool over PostgreSQL or the embedded engine. Only `store/` sees it. */
export type Engine = {
  readonly kind: 'postgres' | 'embedded';
  readonly pool: pg.Pool;
  /** Runs `work` on one connection. One on which work failed is not used again, where there can be another. */
  withConnection<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** Makes what flushes are committed on. Whoever asks closes them before the engine is closed. */
  openLanes(): Lane[];
  /** Calls back for every signal any node sends, and for each (re)connection, after which signals may have been missed. */
  listen(onSignal: (payload: string) => void, onConnect: () => void): Promise<() => Promise<void>>;
  /** Sentences for the operator, e.g. that the server version has a known hole. */
  readonly warnings: string[];
  close(): Promise<void>;
};

export type EngineOptions = {
  databaseUrl?: string | undefined;
  /** The embedded engine's directory; null keeps everything in memory (tests). */
  dataDir: string | null;
  /** Connections to PostgreSQL, beside those of lanes. The embedded engine has one for everything. */
  poolSize?: number;
  /** Runs the schema's functions and grants again, whatever is recorded of them: `countersign migrate` heals with it. */
  anew?: boolean;
};

/** The database cannot be used as it is set up. The message says what to write instead. */
export class UnsafeDatabase extends Error {
  override readonly name = 'UnsafeDatabase';
}

// A statement that waits for a lock must not hold a caller for long: it is refused, and told so.
const TIMEOUTS = { lock_timeout: '3s', statement_timeout: '10s', idle_in_transaction_session_timeout: '15s' };
/** A version is compared under a lock that was waited for, so each statement must see what was committed before it. */
const ISOLATION = { default_transaction_isolation: 'read\\ committed' };
/** What a login or a database may have been set to otherwise, and what values are read and tables found by. */
const FORMS = {
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  row_security: 'on',
  search_path: 'public',
};
/** Above the server's own timeout: this one only fires when the server does not answer at all. */
const SILENCE_MS = 12_000;
const CONNECT_MS = 3_000;
/** While one flush makes its way to the disk, the next is worked on. */
const LANES = 2;
const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 2_000;
/** The one NOTIFY channel; `signals.ts` says what travels on it. */
export const SIGNAL_CHANNEL = 'countersign';

/** Opens the store's engine: migrates, checks the runtime role, and hands out a pool that runs as that role. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  return options.databaseUrl === undefined ? openEmbedded(options) : openPostgres(options.databaseUrl, options);
}

async function openEmbedded(options: EngineOptions): Promise<Engine> {
  const embedded = await startEmbedded(options.dataDir);
  const signalled = new Set<(payload: string) => void>();
  const pool = new pg.Pool({
    max: 1,
    idleTimeoutMillis: 0,
    stream: embedded.stream as unknown as () => never,
    user: 'postgres',
    database: 'postgres',
  });
  // After a failed query, pg-pool throws the connection away that ran it. There is only this one, for good.
  const withConnection: Engine['withConnection'] = async (work) => {
    const client = await pool.connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  };
  const query = (text: string, values?: unknown[]) => withConnection((client) => client.query(text, values));
  pool.query = query as typeof pool.query;
  try {
    const client = await pool.connect();
    try {
      await migrate(client, options);
      await client.query(`set role countersign_app; listen ${SIGNAL_CHANNEL}`);
      client.on('notification', ({ payload = '' }) => {
        for (const onSignal of signalled) onSignal(payload);
      });
    } finally {
      client.release();
    }
  } catch (fault) {
    await pool.end();
    await embedded.close();
    throw fault;
  }
  return {
    kind: 'embedded',
    pool,
    withConnection,
    openLanes: () => [
      { run: (statement, bytes) => withConnection((client) => runFlush(client, statement, bytes)), async close() {} },
    ],
    async listen(onSignal, onConnect) {
      signalled.add(onSignal);
      onConnect();
      return async () => void signalled.delete(onSignal);
    },
    warnings: [],
    async close() {
      await pool.end();
      await embedded.close();
    },
  };
}

async function openPostgres(databaseUrl: string, options: EngineOptions): Promise<Engine> {
  const login = new pg.Client({
    connectionString: withSettings(databaseUrl, FORMS),
    connectionTimeoutMillis: CONNECT_MS,
  });
  let warnings: string[];
  await login.connect();
  try {
    await migrate(login, options);
    await checkRuntimeRole(login);
    warnings = await versionWarnings(login);
  } finally {
    await login.end();
  }
  // Compiling a statement pays for what scans millions of rows; nothing here does.
  const settings = { role: 'countersign_app', timezone: 'UTC', jit: 'off', ...FORMS, ...ISOLATION, ...TIMEOUTS };
  const untimed: pg.ClientConfig = {
    connectionString: withSettings(databaseUrl, settings),
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: 'countersign',
  };
  const config = { ...untimed, query_timeout: SILENCE_MS };
  const pool = new ReadyPool({ ...config, max: options.poolSize ?? 8 });
  // An idle connection that breaks is replaced at its next use; unhandled, it would end the process.
  pool.on('error', () => {});
  // One that breaks in use fails its query as well; the pool hears its event only while it is idle.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    kind: 'postgres',
    pool,
    async withConnection(work) {
      const client = await pool.connect();
      try {
        const result = await work(client);
        client.release();
        return result;
      } catch (fault) {
        client.release(true);
        throw fault;
      }
    },
    openLanes: () => Array.from({ length: LANES }, () => new OwnLane(untimed, SILENCE_MS)),
    listen: (onSignal, onConnect) => listenForever(config, onSignal, onConnect),
    warnings,
    close: () => pool.end(),
  };
}

/** The URL of a connection with settings of our own. Those in the URL stand before ours, and so cannot replace them. */
function withSettings(databaseUrl: string, settings: Readonly<Record<string, string>>): string {
  const url = new URL(databaseUrl);
  const own = url.searchParams.get('options') ?? '';
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  url.searchParams.set('options', [own, ...ours].join(' ').trim());
  return url.href;
}

/**
 * A pool that hands out connections on which nothing is under way. A query that was given up for want of an answer is
 * still being worked on when its connection comes back, and if it was a BEGIN, whatever came next would run inside that
 * transaction, seem to be done, and be rolled back.
 */
class ReadyPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) return this.#connect();
    super.connect(callback);
    return undefined;
  }

  async #connect(): Promise<pg.PoolClient> {
    for (;;) {
      const client = (await super.connect()) as pg.PoolClient & { readonly readyForQuery: boolean };
      if (client.readyForQuery && client.getTransactionStatus() === 'I') return client;
      client.release(true);
    }
  }
}

type Connected = (
  fault: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** Keeps one LISTEN connection up, reconnecting with a growing pause for as long as it takes. */
async function listenForever(
  config: pg.ClientConfig,
  onSignal: (payload: string) => void,
  onConnect: () => void,
): Promise<() => Promise<void>> {
  const closing = new AbortController();
  let current: pg.Client | undefined;
  let pauseMs = RECONNECT_MIN_MS;

  const connect = async (): Promise<void> => {
    const client = new pg.Client(config);
    current = client;
    // An attempt that fails is repeated by whoever made it; only what has listened is replaced from here.
    let isListening = false;
    client.on('error', () => {});
    client.on('end', () => {
      if (isListening) void reconnect();
    });
    client.on('notification', ({ payload = '' }) => onSignal(payload));
    await client.connect();
    await client.query(`listen ${SIGNAL_CHANNEL}`);
    isListening = true;
    pauseMs = RECONNECT_MIN_MS;
    onConnect();
  };
  const reconnect = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      pauseMs = Math.min(pauseMs * 2, RECONNECT_MAX_MS);
      await setTimeout(pauseMs, undefined, { signal: closing.signal }).catch(() => {});
      if (closing.signal.aborted) return;
      try {
        return await connect();
      } catch {
        void current?.end().catch(() => {});
      }
    }
  };

  await connect();
  return async () => {
    closing.abort();
    await current?.end();
  };
}

/** Refuses to run where row level security would not hold for the role that serves requests. */
async function checkRuntimeRole(client: pg.Client): Promise<void> {
  try {
    await client.query('set role countersign_app');
  } catch (fault) {
    throw new UnsafeDatabase(
      'The login of DATABASE_URL cannot run as countersign_app. As the owner of the database, write: ' +
        'grant countersign_app, countersign_system to <login>;',
      { cause: fault },
    );
  }
  const { rows } = await client.query<{ unsafe: boolean; owns: boolean }>(`
    select r.rolsuper or r.rolbypassrls as unsafe,
      exists (select from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p')) as owns
    from pg_roles r where r.rolname = current_user`);
  await client.query('reset role');
  if (rows[0]?.unsafe !== false || rows[0].owns) {
    throw new UnsafeDatabase(
      'The role countersign_app bypasses row level security or owns tables, so tenants would not be isolated. ' +
        'Write: alter role countersign_app nosuperuser nobypassrls; and give its tables to another owner.',
    );
  }
}

/** Below these, INSERT … ON CONFLICT can see rows past row level security (CVE-2026-120154). */
const FIXED_MINOR: Record<number, number> = { 15: 20, 16: 16, 17: 12, 18: 7 };

async function versionWarnings(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ version: string }>(`select current_setting('server_version_num') as version`);
  const version = Number(rows[0]?.version);
  const [major, minor] = [Math.floor(version / 10_000), version % 10_000];
  const fixed = FIXED_MINOR[major];
  if (major < 15) return [`PostgreSQL ${major} is not supported: use 15 or newer.`];
  if (fixed === undefined || minor >= fixed) return [];
  return [
    `PostgreSQL ${major}.${minor} has CVE-2026-120154 (INSERT … ON CONFLICT can see rows past row level security). ` +
      `Update it to ${major}.${fixed} or newer.`,
  ];
}
