import type { Problem } from '../../kernel/codes.ts';
import { uuidToId } from '../../kernel/ids.ts';
import { edit } from '../change.ts';
import type { Verb } from '../verb.ts';
import { getWorkspace } from './get.ts';
import type { UpdateWorkspaceInput, WorkspaceView } from './schemas.ts';

/** Changes the workspace's own settings. A new TTL holds for approvals that are asked for from now on. */
export function updateWorkspace(ctx: Verb, input: UpdateWorkspaceInput): Promise<WorkspaceView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => getWorkspace(tx),
    async update() {
      if (Object.values(input).every((value) => value === undefined)) return 'unchanged';
      await tx.db.updateTable('workspaces').set(input).where('tenant_id', '=', tx.tenantId).execute();
      return undefined;
    },
    event: {
      type: 'settings.updated',
      kind: 'workspace',
      id: uuidToId('org', tx.tenantId),
      state: (view) => view,
    },
  });
}
