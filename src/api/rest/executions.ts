import { z } from 'zod';
import { keysOf } from '../../gateway/facts/run-of.ts';
import { executionFilters, listExecutions, readExecution } from '../../gateway/reads/executions.ts';
import { labelReader } from '../../gateway/record/read-again.ts';
import { problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { CALL_STATES, EXECUTION_STATUSES } from '../../kernel/statuses.ts';
import { isNotAbout, readAbout } from '../about-call.ts';
import { type Caller, type Route, route } from '../route.ts';
import { spliced } from '../wire.ts';

const execution = z.looseObject({
  id: z.string(),
  status: z.enum(EXECUTION_STATUSES),
  state: z.enum(CALL_STATES),
  tool: z.string(),
  code: z.string().nullable(),
});

/** Clients and plain members see their own calls only. */
export function ownerId(caller: Caller): string | undefined {
  if (caller.kind === 'client') return caller.clientId;
  return caller.role === 'member' ? caller.userId : undefined;
}

export const executionRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/executions',
    summary: 'List tool calls, newest first',
    tag: 'Executions',
    permission: 'executions.read',
    clients: true,
    query: executionFilters,
    settled: true,
    response: { status: 200, schema: pageSchema(execution) },
    async handle({ tx, caller, query }) {
      return { body: await listExecutions(tx, query, ownerId(caller)) };
    },
  }),
  route({
    method: 'get',
    path: '/v1/executions/{id}',
    summary: 'Read one tool call with its arguments and its outcome',
    tag: 'Executions',
    permission: 'executions.read',
    clients: true,
    params: { id: 'execution' },
    settled: true,
    response: { status: 200, schema: execution },
    async handle({ tx, caller, params, request }) {
      const found = await readExecution(tx, params.id!, ownerId(caller));
      if (found === undefined) return problem('not_found');
      if (caller.kind === 'client' && (found.result ?? found.error) !== null) {
        const about = readAbout({}, Object.fromEntries(request.headers));
        if (isNotAbout(about)) return problem('invalid_request', `${about.header}: ${about.problem}`);
        const { write: runs } = keysOf({ runId: about.runId ?? null, holderId: caller.tokenId, trusted: false });
        await labelReader(tx, { actor: caller.actor, runs }, { executionId: found.id, toolId: found.tool_id });
      }
      const { arguments: args, result, error, tool_id: _, ...rest } = found;
      return { json: spliced(rest, { arguments: args, result, error }) };
    },
  }),
];
