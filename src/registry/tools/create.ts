import { make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { isImported } from '../../upstream/shapes.ts';
import { fieldProblem } from '../config-check.ts';
import { checkDefinition } from './definition.ts';
import { refusedLabels } from './labels.ts';
import { findTool, findToolByName, toolState } from './read.ts';
import type { CreateToolInput, ToolView } from './schemas.ts';

/** Adds a tool. Nobody may call it until it is granted to them. */
export function createTool(ctx: Verb, { description, labels, ...given }: CreateToolInput): Promise<ToolView | Problem> {
  const { tx } = ctx;
  const id = newId('tool');
  return make(ctx, {
    read: () => findTool(tx, id),
    async make() {
      if (isImported(given.handler_kind)) return fieldProblem('handler_kind', BY_IMPORT);
      const checked = await checkDefinition(tx, given);
      if (!checked.ok) return checked.problem;
      if (await findToolByName(tx, given.name)) {
        return problem('conflict', `There is a tool named ${given.name} already.`);
      }
      const refused = await refusedLabels(tx, id, labels);
      if (refused !== undefined) return refused;
      const { input_schema, handler_config, ...definition } = checked.value;
      await tx.db
        .insertInto('tools')
        .values({
          tenant_id: tx.tenantId,
          id,
          description,
          labels,
          ...definition,
          input_schema: JSON.stringify(input_schema),
          handler_config: JSON.stringify(handler_config),
        })
        .execute();
      return undefined;
    },
    event: { type: 'tool.created', kind: 'tool', id, state: toolState },
  });
}

const BY_IMPORT = 'tools of an MCP server are taken over from it: see /v1/connectors/{id}/mcp/discover';
