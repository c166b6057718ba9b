import { audit } from '../../ledger/audit.ts';
import type { Verb } from '../verb.ts';

/** Makes this workspace the person's default: the one a request without `Countersign-Workspace` is for. */
export async function rememberWorkspace({ tx, actor }: Verb): Promise<void> {
  await tx.db
    .updateTable('workspace_members')
    .set({ last_used_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', actor.id)
    .execute();
  await audit(tx, {
    event_type: 'member.workspace_chosen',
    actor,
    resource: { kind: 'member', id: actor.id },
    outcome: 'chosen',
  });
}
