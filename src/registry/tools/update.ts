import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { checkDefinition } from './definition.ts';
import { findTool, findToolByName, toolState } from './read.ts';
import type { ToolView, UpdateToolInput } from './schemas.ts';

/**
 * Changes a tool. Anything but the description changes its definition hash, so approvals asked for before can
 * no longer be executed. With another handler comes that handler's config.
 */
export async function updateTool(
  { tx, actor }: Verb,
  { id, ifVersion, ...change }: UpdateToolInput & { readonly id: string; readonly ifVersion?: number | undefined },
): Promise<ToolView | Problem> {
  await lockConfiguration(tx);
  const before = await findTool(tx, id);
  if (before === undefined) return problem('not_found');
  if (before.status === 'archived') return problem('conflict', 'The tool is archived.');
  const { description, ...given } = { ...before, ...present(change) };
  const { name, effect, input_schema, connector_id, handler_kind, handler_config } = given;
  const checked = await checkDefinition(tx, { name, effect, input_schema, connector_id, handler_kind, handler_config });
  if (!checked.ok) return checked.problem;
  const namesake = await findToolByName(tx, name);
  if (namesake && namesake.id !== id) return problem('conflict', `There is a tool named ${name} already.`);
  const { numUpdatedRows } = await tx.db
    .updateTable('tools')
    .set({
      ...checked.value,
      description,
      input_schema: JSON.stringify(checked.value.input_schema),
      handler_config: JSON.stringify(checked.value.handler_config),
      version: sql`version + 1`,
      updated_at: tx.at,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'active')
    .where('version', '=', ifVersion ?? before.version)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('version_mismatch');
  const tool = (await findTool(tx, id))!;
  await audit(tx, {
    event_type: 'tool.updated',
    actor,
    resource: { kind: 'tool', id },
    outcome: 'updated',
    before_state: toolState(before),
    after_state: toolState(tool),
  });
  return tool;
}

/** The fields that were given. */
function present<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never;
}
