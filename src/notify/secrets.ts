import { LRUCache } from 'lru-cache';
import type { TenantTx } from '../store/store.ts';
import type { Bound, Vault } from '../vault/vault.ts';

/** A secret of this room as it is kept: what signs an endpoint's deliveries, or an address that is one. */
export type Kept = { readonly secret_id: string; readonly number: number; readonly sealed: string };

const OPENED_MAX = 1_000;
const OPENED_MS = 60_000;

function boundOf(tenantId: string, secretId: string, number: number): Bound {
  return { tenantId, id: secretId, name: 'notify', clientId: null, hosts: [], number };
}

/** Encrypts a value for its row. May ask a key service, so not within a transaction. */
export function sealKept(vault: Vault, tenantId: string, secretId: string, number: number, value: string) {
  return vault.seal(boundOf(tenantId, secretId, number), value);
}

/** Keeps the next value; the one before it is used beside it until `overlapEndsAt`, and those before that are forgotten. */
export async function writeKept(tx: TenantTx, { secret_id, number, sealed }: Kept, overlapEndsAt: Date): Promise<void> {
  const { db, tenantId } = tx;
  await db
    .deleteFrom('notify_secrets')
    .where('tenant_id', '=', tenantId)
    .where('secret_id', '=', secret_id)
    .where('number', '<', number - 1)
    .execute();
  await db
    .updateTable('notify_secrets')
    .set({ ends_at: overlapEndsAt })
    .where('tenant_id', '=', tenantId)
    .where('secret_id', '=', secret_id)
    .execute();
  await db.insertInto('notify_secrets').values({ tenant_id: tenantId, secret_id, number, sealed }).execute();
}

/** Forgets every value of a secret. */
export async function dropKept({ db, tenantId }: TenantTx, secretId: string): Promise<void> {
  await db.deleteFrom('notify_secrets').where('tenant_id', '=', tenantId).where('secret_id', '=', secretId).execute();
}

/** The values of a secret that are used now, the present one first. */
export function readKept({ db, tenantId, at }: TenantTx, secretId: string): Promise<Kept[]> {
  return db
    .selectFrom('notify_secrets')
    .select(['secret_id', 'number', 'sealed'])
    .where('tenant_id', '=', tenantId)
    .where('secret_id', '=', secretId)
    .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', at)]))
    .orderBy('number', 'desc')
    .execute();
}

/** Opens kept secrets, and remembers what it opened for a minute: a busy endpoint would ask a key service each time. */
export class KeptOpener {
  readonly #opened = new LRUCache<string, string>({ max: OPENED_MAX, ttl: OPENED_MS });
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** The values in their order, without those that no key opens. */
  async open(tenantId: string, kept: readonly Kept[]): Promise<string[]> {
    const values = await Promise.all(kept.map((one) => this.#one(tenantId, one)));
    return values.filter((value) => value !== null);
  }

  async #one(tenantId: string, { secret_id, number, sealed }: Kept): Promise<string | null> {
    // What is remembered is of one row: the same bytes under another's name are opened anew, which fails.
    const key = `${tenantId} ${secret_id} ${number} ${sealed}`;
    const known = this.#opened.get(key);
    if (known !== undefined) return known;
    const value = await this.#vault.open(sealed, boundOf(tenantId, secret_id, number));
    if (value !== null) this.#opened.set(key, value);
    return value;
  }
}
