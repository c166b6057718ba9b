import type { Store } from '../../store/store.ts';
import type { Vault } from '../../vault/vault.ts';
import { readSealed } from './read.ts';

/** Values by name, and the ids of the secrets they are of; or why there are none, as a sentence to show. */
export type OpenedSecrets =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string>; readonly ids: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/**
 * Opens the secrets of these names for one host: a client's own, or else the workspace's. Rejects where the store or the key
 * service does not answer.
 */
export async function openSecrets(
  { store, vault }: { readonly store: Store; readonly vault: Vault },
  tenantId: string,
  clientId: string | null,
  { names, host }: { readonly names: readonly string[]; readonly host: string },
): Promise<OpenedSecrets> {
  const values = new Map<string, string>();
  if (names.length === 0) return { ok: true, values, ids: [] };
  const no = (detail: string): OpenedSecrets => ({ ok: false, detail });
  const rows = await store.withTenant(tenantId, (tx) => readSealed(tx, names, clientId));
  const found = new Map(rows.map((row) => [row.name, row]));
  for (const name of names) {
    const row = found.get(name);
    if (row === undefined) return no(`There is no secret ${name} for this caller.`);
    if (!row.hosts.includes(host)) return no(`The secret ${name} is not bound to ${host}.`);
    const { sealed, ...bound } = row;
    const value = await vault.open(sealed, { tenantId, ...bound });
    if (value === null) return no(`The secret ${name} cannot be decrypted. An admin has to enter it again.`);
    values.set(name, value);
  }
  return { ok: true, values, ids: rows.map(({ id }) => id) };
}
