import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Store } from '../../store/store.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Mailer } from '../channels/email.ts';
import { NotSent } from '../channels/not-sent.ts';
import type { Push } from '../channels/push.ts';
import { sendToSlack } from '../channels/slack.ts';
import { removeSome } from '../prune.ts';
import { KeptOpener, readKept } from '../secrets.ts';
import { type Parcel, readParcel } from './parcel.ts';
import { dropSubscription } from './push-subscriptions.ts';
import { recordNotice } from './record.ts';
import { SLACK_ID } from './slack-url.ts';
import { tellOfApprovals } from './tell.ts';

const AT_ONCE = 20;
/** A node that dies with notices holds them up for so long, in seconds. */
const LEASE_SECONDS = 60;
const KEPT_DAYS = 90;

type Parts = {
  readonly store: Store;
  readonly ask: Upstream['fetchGuarded'];
  readonly vault: Vault;
  readonly push: Push;
  /** Undefined where the operator has no server for it. */
  readonly mailer: Mailer | undefined;
  readonly publicUrl: string;
  readonly log: Logger;
};

/** Tells people of what waits for them, and reminds them. Every node has one; a notice is one node's at a time. */
export class Noticer {
  readonly #parts: Parts;
  readonly #kept: KeptOpener;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#kept = new KeptOpener(parts.vault);
  }

  get canMail(): boolean {
    return this.#parts.mailer !== undefined;
  }

  /** Queues what is due, sends what is queued, and says in how many milliseconds there is something to do. */
  async round(): Promise<number> {
    const { store } = this.#parts;
    for (;;) {
      await tellOfApprovals(store, this.canMail);
      const taken = await claimNotices(store);
      if (taken.length === 0) break;
      await Promise.all(taken.map(({ tenant_id, id }) => this.#send(tenant_id, id)));
    }
    const { rows } = await store.asSystem((db) =>
      sql<{ next_ms: number | null }>`
        select ceil(extract(epoch from least(
          (select min(next_notice_at) from approvals where status = 'pending' and next_notice_at < 'infinity'),
          (select min(next_attempt_at) from notices where status = 'pending')
        ) - clock_timestamp()) * 1000)::float8 as next_ms`.execute(db),
    );
    return rows[0]?.next_ms ?? Number.POSITIVE_INFINITY;
  }

  /** Removes notices of long ago; says whether there may be more. */
  prune(): Promise<boolean> {
    const old = sql`created_at < clock_timestamp() - ${KEPT_DAYS} * interval '1 day'`;
    return removeSome(this.#parts.store, 'notices', old);
  }

  close(): void {
    this.#parts.mailer?.close();
  }

  /** Never rejects. */
  async #send(tenantId: string, id: string): Promise<void> {
    const { store, log, publicUrl } = this.#parts;
    try {
      const parcel = await store.withTenant(tenantId, (tx) => readParcel(tx, id, publicUrl));
      if (parcel === undefined) return;
      const end = parcel.message === null ? 'dropped' : await this.#hand(tenantId, parcel);
      await store.withTenant(tenantId, (tx) => recordNotice(tx, parcel, end));
    } catch (fault) {
      log.warn({ notice: id, err: fault }, 'a notice could not be sent; it is tried again');
    }
  }

  /** Undefined when it was taken; why not, otherwise. */
  async #hand(tenantId: string, parcel: Parcel): Promise<NotSent | undefined> {
    try {
      await this.#through(tenantId, parcel);
      return undefined;
    } catch (fault) {
      if (fault instanceof NotSent) return fault;
      // What a mail server says may name a person.
      const { code = 'error' } = fault as { code?: unknown };
      return new NotSent(`It could not be handed over (${String(code).slice(0, 40)}).`);
    }
  }

  async #through(tenantId: string, { channel, person, message, subscriptions }: Parcel): Promise<void> {
    const { store, ask, push, mailer } = this.#parts;
    switch (channel) {
      case 'email':
        if (mailer === undefined || person === null)
          throw new NotSent('There is nobody to send it to.', { isFinal: true });
        return mailer.send({ name: person.name, address: person.email }, message!);
      case 'slack': {
        const [url] = await this.#kept.open(tenantId, await store.withTenant(tenantId, (tx) => readKept(tx, SLACK_ID)));
        if (url === undefined)
          throw new NotSent('The address of the channel cannot be had. Enter it again.', { isFinal: true });
        return sendToSlack(ask, tenantId, url, message!);
      }
      case 'push': {
        const ends = await Promise.allSettled(subscriptions.map((one) => push.send(tenantId, one, message!)));
        for (const [index, end] of ends.entries()) {
          if (end.status === 'rejected' && end.reason instanceof NotSent && end.reason.isFinal) {
            await store.withTenant(tenantId, (tx) => dropSubscription(tx, subscriptions[index]!.id));
          }
        }
        if (ends.some(({ status }) => status === 'fulfilled')) return;
        const failed = ends.find((end) => end.status === 'rejected');
        throw failed?.reason ?? new NotSent('No browser is subscribed any more.', { isFinal: true });
      }
    }
  }
}

/** Takes notices that are due, one of each workspace before the second of any: a channel that hangs holds up its own. */
export async function claimNotices(store: Store): Promise<{ tenant_id: string; id: string }[]> {
  const { rows } = await store.asSystem((db) =>
    sql<{ tenant_id: string; id: string }>`
      update notices n set next_attempt_at = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second'
      from (select tenant_id, id from notices
        where status = 'pending' and next_attempt_at <= clock_timestamp() and (tenant_id, id) in (
          select tenant_id, id from (
            select tenant_id, id, next_attempt_at,
              row_number() over (partition by tenant_id order by next_attempt_at) as place
            from notices where status = 'pending' and next_attempt_at <= clock_timestamp()
          ) ranked order by place, next_attempt_at limit ${AT_ONCE})
        for update skip locked) due
      where n.tenant_id = due.tenant_id and n.id = due.id
      returning n.tenant_id, n.id`.execute(db),
  );
  return rows;
}
