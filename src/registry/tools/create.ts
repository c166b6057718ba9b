import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { checkDefinition } from './definition.ts';
import { findTool, findToolByName, toolState } from './read.ts';
import type { CreateToolInput, ToolView } from './schemas.ts';

/** Adds a tool. Nobody may call it until it is granted to them. */
export async function createTool({ tx, actor }: Verb, input: CreateToolInput): Promise<ToolView | Problem> {
  await lockConfiguration(tx);
  const { description, ...given } = input;
  const checked = await checkDefinition(tx, given);
  if (!checked.ok) return checked.problem;
  if (await findToolByName(tx, input.name)) return problem('conflict', `There is a tool named ${input.name} already.`);
  const { input_schema, handler_config, ...definition } = checked.value;
  const id = newId('tool');
  await tx.db
    .insertInto('tools')
    .values({
      tenant_id: tx.tenantId,
      id,
      description,
      ...definition,
      input_schema: JSON.stringify(input_schema),
      handler_config: JSON.stringify(handler_config),
    })
    .execute();
  const tool = (await findTool(tx, id))!;
  await audit(tx, {
    event_type: 'tool.created',
    actor,
    resource: { kind: 'tool', id },
    outcome: 'created',
    after_state: toolState(tool),
  });
  return tool;
}
