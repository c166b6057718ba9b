/** A PostgreSQL that belongs to the caller. */
export type RunningPostgres = {
  /** The superuser's URL, for the database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** The postmaster's process id; another one after `restart()`. */
  readonly pid: number | undefined;
  /** Signals the postmaster: SIGKILL if none is named, SIGINT closes connections and stops, SIGSTOP and SIGCONT pause it. */
  kill(signal?: NodeJS.Signals): void;
  /** Stops it if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

/** Starts a PostgreSQL of its own; throws where there is none (see `services.postgresBin`). Takes about a second. */
export function startPostgres(options?: {
  /** Settings beside or instead of the usual ones, such as `{ max_connections: 20 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}): Promise<RunningPostgres>;
