import { LRUCache } from 'lru-cache';
import type { Store } from '../../store/store.ts';
import { readClient } from '../facts/queries.ts';
import type { KnownCaller } from '../facts/reader.ts';

const KNOWN_MAX = 20_000;
const UNKNOWN_MAX = 20_000;
/** Tokens are random, so one that is unknown now does not become known: this only bounds what is kept. */
const UNKNOWN_MS = 60_000;

/** Whose token it is, and what admitting its calls rests on. What it says may be old. */
export type TokenHolder = {
  readonly caller: KnownCaller & { readonly tokenId: string };
  readonly rpmLimit: number;
  readonly isRevoked: boolean;
  readonly expiresAt: Date | null;
  /** When it was read, by the process's monotonic clock. */
  readonly readMs: number;
};

/** Finds out whose a token is, and remembers it, as it remembers for a while that nobody has it. */
export class Callers {
  readonly #store: Store;
  readonly #known = new LRUCache<string, TokenHolder>({ max: KNOWN_MAX });
  readonly #unknown = new LRUCache<string, true>({ max: UNKNOWN_MAX, ttl: UNKNOWN_MS });

  constructor(store: Store) {
    this.#store = store;
  }

  /** What is remembered of a token, by its SHA-256: its holder, null for nobody, undefined when it must be read. */
  remembered(sha256: string): TokenHolder | null | undefined {
    return this.#known.get(sha256) ?? (this.#unknown.has(sha256) ? null : undefined);
  }

  /** Reads whose token it is, and remembers the answer. */
  async read(sha256: string): Promise<TokenHolder | null> {
    const holder = await this.#find(sha256);
    if (holder === null) this.#unknown.set(sha256, true);
    else this.#known.set(sha256, holder);
    return holder;
  }

  forget(sha256: string): void {
    this.#known.delete(sha256);
  }

  async #find(sha256: string): Promise<TokenHolder | null> {
    const token = await this.#store.withCredential({ tokenSha256: sha256 }, (db) =>
      db
        .selectFrom('client_tokens')
        .select(['tenant_id', 'client_id', 'id'])
        .where('token_sha256', '=', sha256)
        .executeTakeFirst(),
    );
    if (token === undefined) return null;
    const caller = {
      kind: 'client',
      tenantId: token.tenant_id,
      clientId: token.client_id,
      tokenId: token.id,
    } as const;
    const row = await this.#store.withTenant(caller.tenantId, (tx) => readClient(tx, caller));
    if (row?.client == null || row.token === null) return null;
    const { expires_at, revoked } = row.token;
    return {
      caller,
      rpmLimit: row.client.rpm_limit,
      isRevoked: revoked || row.client.revoked,
      expiresAt: expires_at === null ? null : new Date(expires_at),
      readMs: performance.now(),
    };
  }
}
