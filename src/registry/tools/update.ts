import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { canonicalize } from '../../kernel/jcs.ts';
import { isImported } from '../../upstream/shapes.ts';
import { fieldProblem } from '../config-check.ts';
import { checkDefinition, type Definition } from './definition.ts';
import { refusedLabels } from './labels.ts';
import { findTool, findToolByName, toolState } from './read.ts';
import type { ToolView, UpdateToolInput } from './schemas.ts';

/**
 * Changes a tool. Anything but the description and the labels changes its definition hash, so approvals asked for before can
 * no longer be executed. With another handler comes that handler's config.
 */
export function updateTool(
  ctx: Verb,
  { id, ifVersion, ...input }: UpdateToolInput & { readonly id: string; readonly ifVersion?: number | undefined },
): Promise<ToolView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findTool(tx, id),
    async update(before) {
      if (before.status === 'archived') return problem('conflict', 'The tool is archived.');
      const { description, ...given } = { ...before, ...present(input) };
      const { name, effect, input_schema, connector_id, handler_kind, handler_config, labels } = given;
      const definition = { name, effect, input_schema, connector_id, handler_kind, handler_config };
      const fixed = fixedByImport(before, definition);
      if (fixed !== undefined) {
        return fieldProblem(
          fixed,
          'the MCP server says this of its tool; change the name, the description, the effect or the labels',
        );
      }
      const checked = await checkDefinition(tx, definition);
      if (!checked.ok) return checked.problem;
      const namesake = await findToolByName(tx, name);
      if (namesake && namesake.id !== id) return problem('conflict', `There is a tool named ${name} already.`);
      const refused = await refusedLabels(tx, id, labels);
      if (refused !== undefined) return refused;
      return updateVersion(
        tx,
        'tools',
        { id, version: ifVersion ?? before.version },
        {
          ...checked.value,
          description,
          labels,
          input_schema: JSON.stringify(checked.value.input_schema),
          handler_config: JSON.stringify(checked.value.handler_config),
        },
      );
    },
    event: { type: 'tool.updated', kind: 'tool', id, state: toolState },
  });
}

/** The fields that were given. */
function present<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never;
}

/** What of an imported tool is its server's to say, and would be changed; and whether a tool would become one by hand. */
function fixedByImport(before: Definition, after: Definition): keyof Definition | undefined {
  if (!isImported(before.handler_kind) && !isImported(after.handler_kind)) return undefined;
  const members = ['handler_kind', 'connector_id', 'input_schema', 'handler_config'] as const;
  return members.find((member) => canonicalize(before[member]) !== canonicalize(after[member]));
}
