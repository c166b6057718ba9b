/** A Redis that belongs to the caller. */
export type RunningRedis = {
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** Signals it: SIGSTOP makes it hang, SIGCONT goes on, SIGKILL ends it. */
  signal(signal: NodeJS.Signals): void;
  /** Stops it if it runs, and starts it again, empty, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a Redis of its own; throws where there is none (see `services.redisServer`). */
export function startRedis(): Promise<RunningRedis>;
