import type { Store } from '../../store/store.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { Bound, Vault } from '../../vault/vault.ts';
import type { Message } from '../notices/message.ts';
import { NotSent, refusalOf } from './not-sent.ts';

/** Where a browser is reached, and the keys that only it can read with. */
export type Subscription = { readonly endpoint: string; readonly p256dh: string; readonly auth: string };

const TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 1024;
/** How long a push service keeps what it cannot hand over yet, in seconds. */
const KEPT_SECONDS = 3_600;

/** The pair is the installation's, not a workspace's. */
const BOUND: Bound = {
  tenantId: '00000000-0000-0000-0000-000000000000',
  id: 'vapid',
  name: 'notify',
  clientId: null,
  hosts: [],
  number: 1,
};

type Pair = { readonly publicKey: string; readonly privateKey: string };

/** Web push: encrypted for one browser, and signed with the installation's own key (VAPID). */
export class Push {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #ask: Upstream['fetchGuarded'];
  readonly #subject: string;
  #pair: Promise<Pair> | undefined;

  constructor(store: Store, vault: Vault, ask: Upstream['fetchGuarded'], subject: string) {
    this.#store = store;
    this.#vault = vault;
    this.#ask = ask;
    this.#subject = subject;
  }

  /** The key that a browser subscribes with. */
  async publicKey(): Promise<string> {
    return (await this.#keys()).publicKey;
  }

  /** Rejects with `NotSent`, which is final where the browser has unsubscribed. */
  async send(
    tenantId: string,
    { endpoint, p256dh, auth }: Subscription,
    { title, lines, link, thread }: Message,
  ): Promise<void> {
    const { default: webpush } = await import('web-push');
    const { publicKey, privateKey } = await this.#keys();
    const { pathname } = new URL(link);
    const text = JSON.stringify({ title, body: lines.join('\n'), path: pathname, tag: thread });
    const request = webpush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, text, {
      vapidDetails: { subject: this.#subject, publicKey, privateKey },
      TTL: KEPT_SECONDS,
      urgency: 'high',
      contentEncoding: 'aes128gcm',
    });
    // Node counts the body's bytes itself.
    const { 'Content-Length': _, ...headers } = request.headers as Record<string, string | number>;
    const answer = await this.#ask({
      tenantId,
      url: request.endpoint,
      method: 'POST',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body: request.body,
      maxBytes: ANSWER_MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.kind !== 'answer') throw new NotSent(refusalOf(answer));
    const { status } = answer;
    if (status >= 200 && status < 300) return;
    // 403: it was made with another key, which is no more.
    throw new NotSent(`The push service answered ${status}.`, { isFinal: [403, 404, 410].includes(status) });
  }

  #keys(): Promise<Pair> {
    this.#pair ??= this.#readOrMake().catch((fault) => {
      this.#pair = undefined;
      throw fault;
    });
    return this.#pair;
  }

  /** One pair for all nodes. One that no key opens any more is replaced, and browsers subscribe anew. */
  async #readOrMake(): Promise<Pair> {
    const kept = await this.#read();
    if (kept !== undefined && kept.privateKey !== null) return kept as Pair;
    const { default: webpush } = await import('web-push');
    const fresh = webpush.generateVAPIDKeys();
    const sealed = await this.#vault.seal(BOUND, fresh.privateKey);
    const row = { public_key: fresh.publicKey, sealed };
    await this.#store.people
      .insertInto('vapid_keys')
      .values(row)
      .onConflict((conflict) => (kept === undefined ? conflict.doNothing() : conflict.column('one').doUpdateSet(row)))
      .execute();
    const now = await this.#read();
    if (now === undefined || now.privateKey === null) throw new Error('the keys for web push cannot be opened');
    return now as Pair;
  }

  async #read(): Promise<{ readonly publicKey: string; readonly privateKey: string | null } | undefined> {
    const row = await this.#store.people.selectFrom('vapid_keys').select(['public_key', 'sealed']).executeTakeFirst();
    return row && { publicKey: row.public_key, privateKey: await this.#vault.open(row.sealed, BOUND) };
  }
}
