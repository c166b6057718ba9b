import type { TenantTx } from '../store/store.ts';

/** When somebody computed the workspace's chain again, and whether it held. */
export type LastVerification = { readonly verified_at: string; readonly verified_by: string; readonly ok: boolean };

/** The last verification that the log knows of, or null. */
export async function lastVerification(tx: TenantTx): Promise<LastVerification | null> {
  const row = await tx.db
    .selectFrom('audit_log')
    .select(['at', 'actor_id', 'outcome'])
    .where('tenant_id', '=', tx.tenantId)
    .where('event_type', '=', 'audit.verified')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { verified_at: row.at.toISOString(), verified_by: row.actor_id, ok: row.outcome === 'intact' };
}
