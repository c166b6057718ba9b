import { deny, isRefused } from '../../kernel/codes.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { callable, namedTool, type OwnTool, search, toolOf } from './catalogue.ts';
import { answerRefusal, clientOf, type McpRequest } from './request.ts';
import { callResult, complete, heldResult } from './results.ts';
import { heldAfter } from './waiting.ts';

const WAIT_DEFAULT_SECONDS = 50;
const WAIT_MAX_SECONDS = 60;
const FOUND_DEFAULT = 10;

/** Calls a tool of the gate itself. What is wrong with its arguments is a result that says so, for the agent to read. */
export async function callOwn(
  request: McpRequest,
  name: Exclude<OwnTool, 'call_tool'>,
  args: JsonObject,
): Promise<void> {
  const { exchange, revision } = request;
  if (name === 'get_approval_status' || name === 'await_approval') {
    const { approval_id: id, wait_seconds: wait = WAIT_DEFAULT_SECONDS } = args;
    if (typeof id !== 'string') return refused(request, '$.approval_id: write the id of an approval, apv_…');
    if (!isWhole(wait, WAIT_MAX_SECONDS))
      return refused(request, `$.wait_seconds: write a number from 1 to ${WAIT_MAX_SECONDS}`);
    const held = await heldAfter(request, id, name === 'await_approval' ? wait * 1000 : 0);
    if (held !== undefined) exchange.result(complete(revision.stateless, heldResult(held)));
    return;
  }
  const client = await clientOf(request);
  if (client === undefined) return;
  const status = await request.app.gateway.status(client);
  if (isRefused(status)) return answerRefusal(request, status);
  if (name === 'search_tools') {
    const { query = '', limit = FOUND_DEFAULT } = args;
    if (typeof query !== 'string' || query.length > 200)
      return refused(request, '$.query: write at most 200 characters');
    if (!isWhole(limit, FOUND_DEFAULT * 2))
      return refused(request, `$.limit: write a number from 1 to ${FOUND_DEFAULT * 2}`);
    return answer(request, search(status, request.view, query, limit));
  }
  const found = callable(status, request.view).find((tool) => tool.name === namedTool(String(args.name), request.view));
  if (found === undefined) {
    exchange.result(complete(revision.stateless, callResult(deny('not_granted'))));
    return;
  }
  const { description, inputSchema, annotations, _meta, name: shown } = toolOf(found, request.view);
  answer(request, { name: shown, description, input_schema: inputSchema, annotations, ..._meta });
}

function isWhole(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max;
}

function answer({ exchange, revision }: McpRequest, value: object): void {
  const result = { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value };
  exchange.result(complete(revision.stateless, JSON.stringify(result)));
}

function refused({ exchange, revision }: McpRequest, detail: string): void {
  exchange.result(complete(revision.stateless, callResult(deny('invalid_arguments', detail))));
}
