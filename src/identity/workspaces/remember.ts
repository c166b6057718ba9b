import type { TenantTx } from '../../store/store.ts';

/** Makes this workspace the person's default: the one a request without `Countersign-Workspace` is for. */
export async function rememberWorkspace(tx: TenantTx, userId: string): Promise<void> {
  await tx.db
    .updateTable('workspace_members')
    .set({ last_used_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .execute();
}
