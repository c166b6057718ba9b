import type { Store } from '../../store/store.ts';

const TOKENS_MAX = 10_000;

/** When tokens were last used: noted at every call, and written down now and then. */
export class LastUsed {
  readonly #store: Store;
  readonly #used = new Map<string, { readonly tenantId: string; at: Date }>();

  constructor(store: Store) {
    this.#store = store;
  }

  note(tenantId: string, tokenId: string): void {
    const known = this.#used.get(tokenId);
    if (known !== undefined) known.at = this.#store.clock.now();
    else if (this.#used.size < TOKENS_MAX) this.#used.set(tokenId, { tenantId, at: this.#store.clock.now() });
  }

  async flush(): Promise<void> {
    const entries = [...this.#used.entries()];
    this.#used.clear();
    for (const [tokenId, { tenantId, at }] of entries) {
      await this.#store.withTenant(tenantId, (tx) =>
        tx.db
          .updateTable('client_tokens')
          .set({ last_used_at: at })
          .where('tenant_id', '=', tenantId)
          .where('id', '=', tokenId)
          .execute(),
      );
    }
  }
}
