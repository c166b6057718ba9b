import type { Logger } from 'pino';
import type { Store } from '../../store/store.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { Vault } from '../../vault/vault.ts';
import { KeptOpener, readKept } from '../secrets.ts';
import { attempt } from './attempt.ts';
import { bodyOf, type Told } from './deliveries.ts';
import { cancelSome, isUntold } from './disable.ts';
import { claim, dropQueue, type Lease, nextDueMs, type Places, release } from './queue.ts';
import { type Due, recordAttempt } from './record.ts';

/** How many endpoints a node works on at once, and how many of them may be of one workspace: those that hang leave room. */
const AT_ONCE: Places = { all: 64, failing: 32 };
const OF_ONE_TENANT: Places = { all: 16, failing: 8 };
/** So many deliveries are on their way to one endpoint at once. */
const TO_ONE_ENDPOINT = 2;
/** After so long an endpoint with more to come stands in line again. With a last attempt it is less than a lease. */
const SLICE_MS = 20_000;
const TIMEOUT_MS = 15_000;
/** An endpoint rests for so long where it is not the receiver that failed: the store, or the service that keeps keys. */
const REST_SECONDS = 10;

type Parts = {
  readonly store: Store;
  readonly ask: Upstream['fetchGuarded'];
  readonly vault: Vault;
  readonly log: Logger;
  /** Is told in the transaction that disables an endpoint. */
  readonly onDisabled: OnDisabled;
};
export type OnDisabled = (tx: Parameters<typeof recordAttempt>[0], endpointId: string) => Promise<void>;

type Ready = Due & Told & { readonly origin_id: string | null; readonly body: string };
type Batch = { readonly url: string; readonly secrets: readonly string[]; readonly ready: readonly Ready[] };

/** Sends what is due. Every node has one; an endpoint is one node's at a time. */
export class Deliverer {
  readonly #parts: Parts;
  readonly #kept: KeptOpener;
  readonly #running = new Map<Lease, Promise<void>>();
  readonly #failing = new Set<Lease>();
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#kept = new KeptOpener(parts.vault);
  }

  /**
   * Sets out to send what is due, as far as there is room, and calls back when there is more of it. Says in how many
   * milliseconds there is something to do.
   */
  async round(onRoom: () => void): Promise<number> {
    while (!this.#stopped) {
      const free = { all: AT_ONCE.all - this.#running.size, failing: AT_ONCE.failing - this.#failing.size };
      if (free.all <= 0) break;
      const busy = new Map<string, Places>();
      for (const lease of this.#running.keys()) {
        const { all, failing } = busy.get(lease.tenantId) ?? { all: 0, failing: 0 };
        busy.set(lease.tenantId, { all: all + 1, failing: failing + (this.#failing.has(lease) ? 1 : 0) });
      }
      const { leases, at } = await claim(this.#parts.store, { free, perTenant: OF_ONE_TENANT, busy });
      if (leases.length === 0) return nextDueMs(this.#parts.store, at);
      for (const lease of leases) this.#begin(lease, onRoom);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Resolves when the attempts under way have ended; there are none after it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running.values());
  }

  #begin(lease: Lease, onRoom: () => void): void {
    const work = this.#work(lease)
      .then(
        () => 0,
        (fault) => {
          this.#parts.log.warn({ err: fault }, 'a webhook could not be delivered; it is tried again');
          return REST_SECONDS;
        },
      )
      .then((rest) => release(this.#parts.store, lease, rest))
      .catch((fault) => this.#parts.log.warn({ err: fault }, 'a webhook waits until its lease ends'))
      .finally(() => {
        this.#running.delete(lease);
        this.#failing.delete(lease);
        onRoom();
      });
    this.#running.set(lease, work);
    if (lease.failing) this.#failing.add(lease);
  }

  async #work(lease: Lease): Promise<void> {
    const until = performance.now() + SLICE_MS;
    while (!this.#stopped && performance.now() < until) {
      const batch = await this.#read(lease);
      if (batch === undefined) return;
      const ends = await Promise.all(batch.ready.map((one) => this.#send(lease, batch, one)));
      if (ends.includes(false)) this.#failing.add(lease);
    }
  }

  /** What is due at an endpoint now, with everything that is sent; undefined where there is nothing. */
  async #read({ tenantId, endpointId }: Lease): Promise<Batch | undefined> {
    const read = await this.#parts.store.withTenant(tenantId, async (tx) => {
      const endpoint = await tx.db
        .selectFrom('webhook_endpoints')
        .select(['url', 'status', 'enabled_at'])
        .where('tenant_id', '=', tenantId)
        .where('id', '=', endpointId)
        .executeTakeFirst();
      if (endpoint === undefined) {
        await dropQueue(tx, endpointId);
        return undefined;
      }
      const due = await tx.db
        .selectFrom('webhook_deliveries')
        .select(['id', 'endpoint_id', 'event_id', 'seq', 'created_at', 'origin_id', 'attempt_count'])
        .select(isUntold(endpoint).as('is_untold'))
        .where('tenant_id', '=', tenantId)
        .where('endpoint_id', '=', endpointId)
        .where('status', '=', 'pending')
        .where('next_attempt_at', '<=', tx.at)
        .orderBy('next_attempt_at')
        .limit(TO_ONE_ENDPOINT)
        .execute();
      if (due.length === 0) return undefined;
      const ready: Ready[] = [];
      const untold = due.filter(({ is_untold }) => is_untold);
      if (untold.length > 0) await cancelSome(tx, endpointId, untold);
      for (const { is_untold, ...one } of due) if (!is_untold) ready.push({ ...one, body: await bodyOf(tx, one) });
      return { url: endpoint.url, ready, kept: await readKept(tx, endpointId) };
    });
    return read && { url: read.url, ready: read.ready, secrets: await this.#kept.open(tenantId, read.kept) };
  }

  /** One attempt, and its record. Says whether it got through. */
  async #send({ tenantId }: Lease, { url, secrets }: Batch, one: Ready): Promise<boolean> {
    const { store, ask, log, onDisabled } = this.#parts;
    const end = await attempt(ask, {
      tenantId,
      url,
      deliveryId: one.id,
      originId: one.origin_id,
      body: one.body,
      secrets,
      at: store.clock.now(),
      timeoutMs: TIMEOUT_MS,
    });
    await store.withTenant(tenantId, async (tx) => {
      const because = await recordAttempt(tx, one, end, Math.random());
      if (because === undefined) return;
      log.info({ webhook: one.endpoint_id, because }, 'a webhook was disabled');
      await onDisabled(tx, one.endpoint_id);
    });
    return end.ok;
  }
}
