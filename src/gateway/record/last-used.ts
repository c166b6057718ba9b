import type { Store } from '../../store/store.ts';

const NOTED_MAX = 10_000;

/** When tokens, or secrets, were last used: noted at every call, and written down now and then. */
export class LastUsed {
  readonly #store: Store;
  readonly #table: 'client_tokens' | 'secrets';
  readonly #used = new Map<string, { readonly tenantId: string; at: Date }>();

  constructor(store: Store, table: 'client_tokens' | 'secrets') {
    this.#store = store;
    this.#table = table;
  }

  note(tenantId: string, id: string): void {
    const known = this.#used.get(id);
    if (known !== undefined) known.at = this.#store.clock.now();
    else if (this.#used.size < NOTED_MAX) this.#used.set(id, { tenantId, at: this.#store.clock.now() });
  }

  async flush(): Promise<void> {
    const entries = [...this.#used.entries()];
    this.#used.clear();
    for (const [id, { tenantId, at }] of entries) {
      await this.#store.withTenant(tenantId, (tx) =>
        tx.db
          // Both have these columns alike, which the types of a table that is a variable cannot say.
          .updateTable(this.#table as 'client_tokens')
          .set({ last_used_at: at })
          .where('tenant_id', '=', tenantId)
          .where('id', '=', id)
          .execute(),
      );
    }
  }
}
