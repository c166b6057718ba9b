import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';

/**
 * Lets changes to one workspace's configuration happen one after the other. What a verb has checked then stays
 * true until it commits, and verbs that touch several rows cannot deadlock. It is the lock that the change
 * itself takes to move `facts_version`, only earlier; readers and calls are not held up by waiting for it.
 */
export async function lockConfiguration(tx: TenantTx): Promise<void> {
  await sql`select pg_advisory_xact_lock(facts_lock(${tx.tenantId}::uuid))`.execute(tx.db);
}
