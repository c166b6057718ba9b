import { withdrawRequests } from '../../held/withdraw.ts';
import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { findTool, toolState } from './read.ts';
import type { ToolView } from './schemas.ts';

/**
 * Takes a tool out of use for good: calls to it are refused as not granted, and the requests for it that wait for
 * approval end. Its history stays, its name is free.
 */
export function archiveTool(ctx: Verb, { id }: { readonly id: string }): Promise<ToolView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findTool(tx, id),
    async update({ status, version }) {
      if (status === 'archived') return problem('conflict', 'The tool is archived already.');
      return updateVersion(tx, 'tools', { id, version }, { status: 'archived' });
    },
    event: { type: 'tool.archived', kind: 'tool', id, state: toolState },
    follow: () => withdrawRequests(ctx, { because: 'tool_archived', toolId: id }),
  });
}
