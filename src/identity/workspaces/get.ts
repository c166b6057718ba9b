import type { TenantTx } from '../../store/store.ts';
import { viewWorkspace, WORKSPACE_COLUMNS, type WorkspaceView } from './schemas.ts';

/** The workspace of the transaction. */
export async function getWorkspace(tx: TenantTx): Promise<WorkspaceView> {
  const row = await tx.db
    .selectFrom('workspaces')
    .select(WORKSPACE_COLUMNS)
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirstOrThrow();
  return viewWorkspace(row);
}
