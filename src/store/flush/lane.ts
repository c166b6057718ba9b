import pg from 'pg';
import { StoreUnavailable } from '../fault.ts';
import { type Flushed, type FlushStatement, runFlush } from './statement.ts';

/** Where flushes are committed, one at a time. */
export type Lane = {
  /** Runs a flush; resolves when it is committed, rejects when that is not certain. */
  run(statement: FlushStatement, bytes: Uint8Array): Promise<Flushed>;
  close(): Promise<void>;
};

/**
 * A lane with a connection that it keeps: taking one from the pool and bringing it back would cost more than a small
 * flush does. It is made when it is first needed, and made anew after anything went wrong on it, or after it was not
 * used for long: what stands between forgets such connections without saying so.
 */
export class OwnLane implements Lane {
  readonly #config: pg.ClientConfig;
  readonly #silenceMs: number;
  #client: pg.Client | undefined;
  /** Since the last flush began. */
  #silence: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `silenceMs` after a flush began its connection is given up, and with it the flush if that has no answer yet. */
  constructor(config: pg.ClientConfig, silenceMs: number) {
    this.#config = config;
    this.#silenceMs = silenceMs;
  }

  run(statement: FlushStatement, bytes: Uint8Array): Promise<Flushed> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable('The store is closed'));
    const client = this.#client;
    return client === undefined
      ? this.#connect().then((made) => this.#runOn(made, statement, bytes))
      : this.#runOn(client, statement, bytes);
  }

  /** To be called when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#silence);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #runOn(client: pg.Client, statement: FlushStatement, bytes: Uint8Array): Promise<Flushed> {
    this.#silence?.refresh();
    this.#silence ??= setTimeout(() => this.#drop(this.#client), this.#silenceMs).unref();
    try {
      return await runFlush(client, statement, bytes);
    } catch (fault) {
      this.#drop(client);
      throw fault;
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    // Whatever ends it, also while nothing is under way, the next flush takes another. Unhandled, an error would end
    // the process.
    client.on('error', () => this.#drop(client));
    client.once('end', () => this.#drop(client));
    try {
      await client.connect();
    } catch (fault) {
      client.end().catch(() => {});
      throw fault;
    }
    this.#client = client;
    return client;
  }

  #drop(client: pg.Client | undefined): void {
    if (client === undefined || this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
  }
}
