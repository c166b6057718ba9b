import { audit } from '../../ledger/audit.ts';
import type { Verb } from '../verb.ts';
import { getWorkspace } from './get.ts';
import { lockConfiguration } from './lock-configuration.ts';
import { type UpdateWorkspaceInput, viewWorkspace, WORKSPACE_COLUMNS, type WorkspaceView } from './schemas.ts';

/** Changes the workspace's own settings. A new TTL holds for approvals that are asked for from now on. */
export async function updateWorkspace({ tx, actor }: Verb, input: UpdateWorkspaceInput): Promise<WorkspaceView> {
  await lockConfiguration(tx);
  const before = await getWorkspace(tx);
  if (Object.values(input).every((value) => value === undefined)) return before;
  const row = await tx.db
    .updateTable('workspaces')
    .set(input)
    .where('tenant_id', '=', tx.tenantId)
    .returning(WORKSPACE_COLUMNS)
    .executeTakeFirstOrThrow();
  const after = viewWorkspace(row);
  await audit(tx, {
    event_type: 'settings.updated',
    actor,
    resource: { kind: 'workspace', id: after.id },
    outcome: 'updated',
    before_state: before,
    after_state: after,
  });
  return after;
}
