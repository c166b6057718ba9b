import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { findTool, toolState } from './read.ts';
import type { ToolView } from './schemas.ts';

/** Takes a tool out of use for good: calls to it are refused as not granted. Its history stays, its name is free. */
export async function archiveTool({ tx, actor }: Verb, { id }: { readonly id: string }): Promise<ToolView | Problem> {
  await lockConfiguration(tx);
  const before = await findTool(tx, id);
  if (before === undefined) return problem('not_found');
  const { numUpdatedRows } = await tx.db
    .updateTable('tools')
    .set({ status: 'archived', version: sql`version + 1`, updated_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'active')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('conflict', 'The tool is archived already.');
  const tool = (await findTool(tx, id))!;
  await audit(tx, {
    event_type: 'tool.archived',
    actor,
    resource: { kind: 'tool', id },
    outcome: 'archived',
    before_state: toolState(before),
    after_state: toolState(tool),
  });
  return tool;
}
