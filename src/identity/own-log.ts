import type { Kysely } from 'kysely';
import { type AuditEvent, audit } from '../ledger/audit.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import { membershipsOf } from './person.ts';

/**
 * Changes somebody's account and enters it, in one transaction, in the log of the workspace they used last: accounts
 * stand above workspaces and have no log of their own. A person in no workspace leaves no entry. Nothing is entered
 * when `change` answers undefined: it found nothing to change.
 */
export async function inOwnLog<T>(
  store: Store,
  userId: string,
  event: Omit<AuditEvent, 'resource'>,
  change: (db: Kysely<Tables>) => Promise<T | undefined>,
): Promise<T | undefined> {
  const [home] = await membershipsOf(store, userId);
  if (home === undefined) return guarded(() => store.people.transaction().execute(change));
  return store.withTenant(home.tenantId, async (tx) => {
    const changed = await change(tx.db);
    if (changed !== undefined) await audit(tx, { ...event, resource: { kind: 'member', id: userId } });
    return changed;
  });
}
