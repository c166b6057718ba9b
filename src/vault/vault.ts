import { createFernet } from '../kernel/fernet.ts';
import { canonicalize } from '../kernel/jcs.ts';

/**
 * What a secret's value is bound to: it is encrypted together with this, so that a row that was moved to another
 * workspace, name, client or host, or under another version, is no secret any more.
 */
export type Bound = {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly clientId: string | null;
  readonly hosts: readonly string[];
  readonly number: number;
};

/** Encrypts the values of secrets for the database, and opens them again. */
export type Vault = {
  /** Rejects where the key service cannot be asked. */
  seal(bound: Bound, value: string): Promise<string>;
  /** The value, or null where it cannot be had: encrypted with another key, changed, or of another row. Rejects where the key service cannot be asked. */
  open(sealed: string, bound: Bound): Promise<string | null>;
  /** The same under the present key, or null where it cannot be opened. What it is bound to stays as it is. */
  reseal(sealed: string, tenantId: string): Promise<string | null>;
};

/** Data keys that somebody else keeps, for one workspace each. */
export type DataKeys = {
  /** Whether this is a text that it sealed. */
  owns(sealed: string): boolean;
  /** Whether new values are sealed by it. */
  readonly isPresent: boolean;
  seal(plaintext: Uint8Array, tenantId: string): Promise<string>;
  open(sealed: string, tenantId: string): Promise<Uint8Array | null>;
};

/** A vault under the installation's keys, the present one first; `dataKeys` seals in their stead where it is asked to. */
export function createVault(keys: readonly Uint8Array[], dataKeys?: DataKeys): Vault {
  const fernet = createFernet(keys);
  const close = async (plaintext: Uint8Array, tenantId: string): Promise<string> =>
    dataKeys?.isPresent ? dataKeys.seal(plaintext, tenantId) : fernet.encrypt(plaintext);
  const disclose = async (sealed: string, tenantId: string): Promise<Uint8Array | null> =>
    dataKeys?.owns(sealed) ? dataKeys.open(sealed, tenantId) : (fernet.decrypt(sealed)?.plaintext ?? null);
  return {
    seal: (bound, value) => close(Buffer.from(canonicalize([boundText(bound), value])), bound.tenantId),
    async open(sealed, bound) {
      const plaintext = await disclose(sealed, bound.tenantId);
      if (plaintext === null) return null;
      const [to, value] = JSON.parse(Buffer.from(plaintext).toString()) as [string, string];
      return to === boundText(bound) ? value : null;
    },
    async reseal(sealed, tenantId) {
      const plaintext = await disclose(sealed, tenantId);
      return plaintext && close(plaintext, tenantId);
    },
  };
}

function boundText({ tenantId, id, name, clientId, hosts, number }: Bound): string {
  return canonicalize({ v: 1, tenant: tenantId, id, name, client: clientId, hosts, number });
}
