import { z } from 'zod';
import { executionFilters, listExecutions, readExecution } from '../../gateway/reads/executions.ts';
import { problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { CALL_STATES, EXECUTION_STATUSES } from '../../kernel/statuses.ts';
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
    async handle({ tx, caller, params }) {
      const found = await readExecution(tx, params.id!, ownerId(caller));
      if (found === undefined) return problem('not_found');
      const { arguments: args, result, error, ...rest } = found;
      return { json: spliced(rest, { arguments: args, result, error }) };
    },
  }),
];
