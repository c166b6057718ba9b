import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Store } from '../../store/store.ts';
import { readClient } from '../facts/queries.ts';
import type { KnownCaller } from '../facts/reader.ts';

const KNOWN_MAX = 20_000;
const UNKNOWN_MAX = 20_000;
/** Tokens are random, so one that is unknown now does not become known: this only bounds what is kept. */
const UNKNOWN_MS = 60_000;
/** How long tokens are gathered to be looked up together, and how many at most. */
const GATHER_MS = 200;
const GATHER_MAX = 500;

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
  #gathered: { readonly sha256: Set<string>; readonly held: Promise<ReadonlySet<string>> } | undefined;

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

  /**
   * Reads whose token it is, where so many that nobody has were shown that one more look for each is too much: all of a
   * moment are looked up at once, so that somebody's is found among them at the price of a few looks a second. Null also
   * when there is no room any more.
   */
  async readAmongMany(sha256: string): Promise<TokenHolder | null> {
    this.#gathered ??= this.#gather();
    const { sha256: gathered, held } = this.#gathered;
    if (gathered.size >= GATHER_MAX && !gathered.has(sha256)) return null;
    gathered.add(sha256);
    return (await held).has(sha256) ? this.read(sha256) : null;
  }

  forget(sha256: string): void {
    this.#known.delete(sha256);
  }

  #gather() {
    const sha256 = new Set<string>();
    const held = sleep(GATHER_MS).then(async () => {
      this.#gathered = undefined;
      return new Set((await this.#findTokens([...sha256])).map((token) => token.token_sha256));
    });
    return { sha256, held };
  }

  #findTokens(sha256: readonly string[]) {
    return this.#store.withCredential({ tokenSha256: sha256 }, (db) =>
      db
        .selectFrom('client_tokens')
        .select(['tenant_id', 'client_id', 'id', 'token_sha256'])
        .where('token_sha256', 'in', sha256)
        .execute(),
    );
  }

  async #find(sha256: string): Promise<TokenHolder | null> {
    const [token] = await this.#findTokens([sha256]);
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
