import pg from 'pg';
import { type Flushed, type FlushStatement, runFlush } from './flush-query.ts';

/** Where flushes are committed, one at a time. */
export type Lane = {
  /** Runs a flush; resolves when it is committed, rejects when that is not certain. */
  run(statement: FlushStatement, bytes: Uint8Array): Promise<Flushed>;
  close(): Promise<void>;
};

/**
 * A lane with a connection that it keeps: taking one from the pool and bringing it back would cost more than a small
 * flush does. It is made when it is first needed, and made anew after anything went wrong on it.
 */
export class OwnLane implements Lane {
  readonly #config: pg.ClientConfig;
  readonly #silenceMs: number;
  #client: pg.Client | undefined;
  #silence: NodeJS.Timeout | undefined;
  #isWaiting = false;

  /** `silenceMs` is how long a flush may go without an answer before it and its connection are given up. */
  constructor(config: pg.ClientConfig, silenceMs: number) {
    this.#config = config;
    this.#silenceMs = silenceMs;
  }

  run(statement: FlushStatement, bytes: Uint8Array): Promise<Flushed> {
    const client = this.#client;
    return client === undefined
      ? this.#connect().then((made) => this.#runOn(made, statement, bytes))
      : this.#runOn(client, statement, bytes);
  }

  async close(): Promise<void> {
    clearTimeout(this.#silence);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #runOn(client: pg.Client, statement: FlushStatement, bytes: Uint8Array): Promise<Flushed> {
    this.#isWaiting = true;
    this.#silence?.refresh();
    this.#silence ??= setTimeout(() => this.#giveUp(), this.#silenceMs).unref();
    try {
      return await runFlush(client, statement, bytes);
    } catch (fault) {
      this.#drop(client);
      throw fault;
    } finally {
      this.#isWaiting = false;
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    // Whatever ends it, also while nothing is under way, the next flush takes another. Unhandled, an error would end
    // the process.
    client.on('error', () => this.#drop(client));
    client.once('end', () => this.#drop(client));
    await client.connect();
    this.#client = client;
    return client;
  }

  #giveUp(): void {
    // One that waits fails with its connection.
    if (this.#isWaiting && this.#client !== undefined) this.#drop(this.#client);
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
  }
}
