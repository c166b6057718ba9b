import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { readSealed, type SealedSecret } from '../../registry/secrets/read.ts';
import type { Store } from '../../store/store.ts';
import { type Refused, refused } from '../../upstream/outcome.ts';
import type { NeededSecrets } from '../../upstream/prepared.ts';
import { type UsedSecrets, useSecrets } from '../../upstream/secrets/used.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Facts } from '../facts/facts.ts';

/** How many sets of opened values are remembered, and how long at most. */
const OPENED_MAX = 200;
const OPENED_MS = 60_000;

type Opened = { readonly used: UsedSecrets; readonly ids: readonly string[] };
type Of = Pick<Facts, 'tenantId' | 'version' | 'principal'>;

/**
 * Opens the secrets that a request names, for the one host that it goes to. Values are remembered by the workspace's
 * facts version, which every written or deleted secret moves: the ruling that a call runs under was recorded against the
 * present one, so that what is remembered is never old.
 */
export class SecretsReader {
  readonly #opened = new LRUCache<string, Opened>({ max: OPENED_MAX, ttl: OPENED_MS });
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #log: Logger;
  readonly #used: (tenantId: string, secretId: string) => void;

  constructor(store: Store, vault: Vault, log: Logger, used: (tenantId: string, secretId: string) => void) {
    this.#store = store;
    this.#vault = vault;
    this.#log = log;
    this.#used = used;
  }

  /** The values for a call under these facts, or why there are none. Never rejects: nothing has been sent yet. */
  async open(facts: Of, needed: NeededSecrets): Promise<UsedSecrets | Refused> {
    const { tenantId, version, principal } = facts;
    const clientId = principal.kind === 'client' ? principal.id : null;
    const key = JSON.stringify([tenantId, version, clientId, needed.host, ...needed.names]);
    try {
      const opened = this.#opened.get(key) ?? (await this.#open(tenantId, clientId, needed));
      if ('kind' in opened) return opened;
      this.#opened.set(key, opened, { noUpdateTTL: true });
      for (const id of opened.ids) this.#used(tenantId, id);
      return opened.used;
    } catch (fault) {
      this.#log.error({ err: fault, names: needed.names }, 'secrets could not be read');
      return refused('egress_blocked', 'The secrets of the call could not be read. Nothing was sent.');
    }
  }

  /** The workspace's own values, for what is no call; nothing is remembered. Never rejects. */
  async openOwn(tenantId: string, needed: NeededSecrets): Promise<UsedSecrets | Refused> {
    try {
      const opened = await this.#open(tenantId, null, needed);
      return 'kind' in opened ? opened : opened.used;
    } catch (fault) {
      this.#log.error({ err: fault, names: needed.names }, 'secrets could not be read');
      return refused('egress_blocked', 'The secrets of the connector could not be read. Nothing was sent.');
    }
  }

  async #open(tenantId: string, clientId: string | null, { names, host }: NeededSecrets): Promise<Opened | Refused> {
    const rows = await this.#store.withTenant(tenantId, (tx) => readSealed(tx, names, clientId));
    const found = new Map(rows.map((row) => [row.name, row]));
    const values = new Map<string, string>();
    for (const name of names) {
      const row = found.get(name);
      if (row === undefined) return refused('egress_blocked', `There is no secret ${name} for this caller.`);
      if (!row.hosts.includes(host)) return refused('egress_blocked', `The secret ${name} is not bound to ${host}.`);
      const value = await this.#value(tenantId, row);
      if (value === null) {
        return refused('egress_blocked', `The secret ${name} cannot be decrypted. An admin has to enter it again.`);
      }
      values.set(name, value);
    }
    return { used: useSecrets(values), ids: rows.map(({ id }) => id) };
  }

  #value(tenantId: string, { sealed, ...row }: SealedSecret): Promise<string | null> {
    return this.#vault.open(sealed, { tenantId, ...row });
  }
}
