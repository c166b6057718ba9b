import { sql } from 'kysely';
import { signal } from '../../store/signals.ts';
import type { Store } from '../../store/store.ts';

/** So many deliveries are made in one transaction, or as many as there are endpoints where those are more. */
const AT_ONCE = 1_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Makes the deliveries of what has come into the chains, one workspace after the other and a part of each at a time: one
 * with very many webhooks holds up neither the others nor the sequencer. Nodes may do it at once. Resolves when nothing is
 * left, or when it is stopped.
 */
export async function handOut(store: Store, isStopped: () => boolean): Promise<void> {
  for (let found = true; found; ) {
    found = false;
    for (let tenant: string | null = FIRST; !isStopped(); found = true) {
      tenant = await handOutPart(store, tenant);
      if (tenant === null) break;
    }
  }
}

/** One transaction of it, for the first workspace behind `after` in the order of their ids; says which, or null for none. */
export async function handOutPart(store: Store, after: string, limit = AT_ONCE): Promise<string | null> {
  return store.asSystem(async (db) => {
    const { rows } = await sql<{ tenant: string | null; made: number | null }>`
      select tenant, made from webhook_enqueue(${after}, ${limit})`.execute(db);
    const { tenant, made } = rows[0]!;
    if (made) await signal({ db }, { kind: 'deliveries' });
    return tenant;
  });
}
