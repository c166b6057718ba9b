import { setFlagsFromString } from 'node:v8';
import pg from 'pg';
import { runFlush } from '../flush/statement.ts';
import { migrate } from '../schema/migrate.ts';
import { SIGNAL_CHANNEL } from './channel.ts';
import { lockDirectory } from './directory-lock.ts';
import { EngineKeeper } from './engine-keeper.ts';
import type { Engine, EngineOptions } from './engine-shape.ts';
import { EngineStream } from './engine-stream.ts';
import { ENGINE_LIMITS } from './engine-thread.ts';
import { databaseFolder } from './first-directory.ts';
import { memoryWarning } from './memory-need.ts';
import { makePrivate } from './private-directory.ts';

/** For the one connection, which also is a new one when the engine had to be started again. */
const CONNECTION_MS = 12_000;

/**
 * Opens the embedded PostgreSQL (PGlite) on `dataDir`, or in memory when it is null.
 * Commits are on disk before they are acknowledged. Throws `DirectoryInUse` when another process holds the
 * directory, which PGlite itself would let destroy it, and `UnsafeDirectory` when others can read it.
 */
export async function openEmbedded(options: EngineOptions): Promise<Engine> {
  const { dataDir, report = () => {}, limits = ENGINE_LIMITS, anew = false } = options;
  if (dataDir === null) return open(await EngineKeeper.start(null, report, limits), () => {}, [], anew);
  const scarce = memoryWarning();
  if (scarce !== undefined) {
    // It may be the last that is heard of it.
    report('warn', scarce);
    // Optimizing PostgreSQL's largest function takes V8 600 MB for a moment; without, statements take about twice as long.
    setFlagsFromString('--no-wasm-tier-up');
    setFlagsFromString('--no-wasm-dynamic-tiering');
  }
  const mended = makePrivate(dataDir);
  const release = lockDirectory(dataDir);
  try {
    const folder = await databaseFolder(dataDir, limits.startMs);
    const keeper = await EngineKeeper.start(folder, report, limits);
    return await open(keeper, release, mended === undefined ? [] : [mended], anew);
  } catch (fault) {
    release();
    throw fault;
  }
}

async function open(keeper: EngineKeeper, release: () => void, warnings: string[], anew: boolean): Promise<Engine> {
  const listeners = new Set<Listener>();
  let isMigrated = false;
  const pool = new pg.Pool({
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECTION_MS,
    stream: (() => new EngineStream(() => keeper.claim())) as unknown as () => never,
    user: 'postgres',
    database: 'postgres',
    onConnect: async (client) => {
      if (isMigrated) await prepare(client, listeners);
    },
  });
  // A connection that broke is replaced at its next use; unhandled, its error would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  // After a failed query, pg-pool throws the connection away that ran it. There is only this one, for as long as it works.
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
  const close = async (): Promise<void> => {
    try {
      await pool.end();
      await keeper.close();
    } finally {
      release();
    }
  };
  try {
    await withConnection(async (client) => {
      await migrate(client, { anew });
      isMigrated = true;
      await prepare(client, listeners);
    });
  } catch (fault) {
    await close();
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
      const listener = { onSignal, onConnect };
      listeners.add(listener);
      onConnect();
      return async () => void listeners.delete(listener);
    },
    warnings,
    close,
  };
}

type Listener = { readonly onSignal: (payload: string) => void; readonly onConnect: () => void };

/** Makes a new connection one that serves requests. */
async function prepare(client: pg.ClientBase, listeners: ReadonlySet<Listener>): Promise<void> {
  client.on('notification', ({ payload = '' }) => {
    for (const { onSignal } of listeners) onSignal(payload);
  });
  await client.query(`set role countersign_app; listen ${SIGNAL_CHANNEL}`);
  for (const { onConnect } of listeners) onConnect();
}
