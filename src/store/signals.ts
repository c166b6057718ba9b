import { EventEmitter } from 'node:events';
import { sql } from 'kysely';
import { SIGNAL_CHANNEL } from './engine/channel.ts';
import type { Engine } from './engine/engine.ts';
import type { TenantTx } from './tenant-tx.ts';

/**
 * What nodes tell each other: hints that something may have changed. They carry ids, never data, and nothing
 * is correct only because a signal arrived: whoever listens re-reads, and re-reads again after a reconnect.
 */
export type Signal =
  | { kind: 'approval'; tenantId: string; id: string }
  /** Entries that webhooks are to be told of came into a chain, or deliveries were queued, of whichever workspace. */
  | { kind: 'deliveries' }
  /** The sequencer moved entries of these workspaces into their chains. */
  | { kind: 'audit'; tenantIds: string[] };

type Listener = (signal: Signal | { kind: 'reconnected' }) => void;

export class Signals {
  readonly #bus = new EventEmitter();
  #stop: () => Promise<void> = async () => {};

  constructor() {
    this.#bus.setMaxListeners(0);
  }

  async start(engine: Engine): Promise<void> {
    this.#stop = await engine.listen(
      (payload) => {
        try {
          this.#bus.emit('signal', JSON.parse(payload));
        } catch {
          // Anyone with a login to the database may NOTIFY; what is not ours is not heard.
        }
      },
      () => this.#bus.emit('signal', { kind: 'reconnected' }),
    );
  }

  /** Hears every signal until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#bus.on('signal', listener);
    return () => void this.#bus.off('signal', listener);
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

/** Sends signals to every node when, and only when, the transaction commits. */
export async function signal({ db }: Pick<TenantTx, 'db'>, ...messages: readonly Signal[]): Promise<void> {
  const payloads = messages.map((message) => JSON.stringify(message));
  await sql`select pg_notify(${SIGNAL_CHANNEL}, payload) from unnest(${payloads}::text[]) payload`.execute(db);
}
