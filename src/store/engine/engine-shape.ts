import type pg from 'pg';
import type { Lane } from '../flush/lane.ts';
import type { Report } from './engine-keeper.ts';
import type { EngineLimits } from './engine-thread.ts';

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
  /** Hears what happens to the embedded engine while it runs. */
  report?: Report;
  /** How long the embedded engine may take for what it does. */
  limits?: EngineLimits;
};
