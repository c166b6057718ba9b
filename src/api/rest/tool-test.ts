import { z } from 'zod';
import { isRefused, problem } from '../../kernel/codes.ts';
import { isOnBehalfOf, isRunId, NO_ON_BEHALF_OF, NO_RUN_ID } from '../../kernel/runs.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { openRoute, type Route } from '../route.ts';
import { memberCall } from './member-call.ts';

/** `POST /v1/tools/{id}/test`: a member's own call, through the same dispatcher as every other. */
export const toolTestRoutes: Route[] = [
  openRoute({
    method: 'post',
    path: '/v1/tools/{id}/test',
    summary: 'Try a tool out; one with an outside effect waits for approval and then runs',
    tag: 'Tools',
    permission: 'tools.test',
    params: { id: 'tool' },
    body: z.strictObject({
      arguments: z.record(z.string(), z.unknown()).default({}),
      run_id: z.string().refine(isRunId, { error: NO_RUN_ID }).optional(),
      on_behalf_of: z.string().refine(isOnBehalfOf, { error: NO_ON_BEHALF_OF }).optional(),
    }),
    response: { status: 200, schema: z.looseObject({ status: z.string() }) },
    async open({ app, tenantId, caller, params, body, request, look }) {
      if (caller.kind !== 'member') return problem('forbidden', 'People try tools out.');
      const tool = await look((tx) =>
        tx.db
          .selectFrom('tools')
          .select(['name', 'status'])
          .where('tenant_id', '=', tenantId)
          .where('id', '=', params.id!)
          .executeTakeFirstOrThrow(),
      );
      if (isRefused(tool)) return tool;
      if (tool.status !== 'active') return problem('conflict', 'The tool is archived.');
      const { run_id: runId, on_behalf_of: onBehalfOf } = body;
      return memberCall(
        { app, tenantId, caller, request },
        {
          via: 'test',
          toolName: tool.name,
          arguments: body.arguments as JsonObject,
          ...(runId !== undefined && { runId }),
          ...(onBehalfOf !== undefined && { onBehalfOf }),
        },
      );
    },
  }),
];
