import type { Answer } from '../../gateway/call.ts';
import type { PassingMethod } from '../../gateway/passing/passing.ts';
import { canonicalize } from '../../kernel/jcs.ts';
import { readJson } from '../../kernel/json-text.ts';
import { plainText } from '../../kernel/plain-text.ts';
import { isJsonObject, type JsonObject } from '../../kernel/strict-json.ts';
import { aboutOf } from './about.ts';
import { passOn } from './call.ts';
import { pageOf } from './catalogue.ts';
import { doorOf } from './door-of.ts';
import { askingResult, clientInput } from './input.ts';
import { type Fault, fault, isFault, RPC } from './message.ts';
import { answerRefusal, clientOf, type McpRequest } from './request.ts';
import { complete, UNCACHED } from './results.ts';

/** Prompts, resources and completions of upstream MCP servers, under grants of their own. */

/** What of them a client may ask for, as it is declared to it; undefined where that was refused, which has been answered. */
export async function passingCapabilities(request: McpRequest): Promise<object | undefined> {
  const passing = await listPassing(request);
  if (passing === undefined) return undefined;
  const { prompts, resources, resourceTemplates } = passing;
  const hasResources = resources.length + resourceTemplates.length > 0;
  return {
    ...(prompts.length > 0 && { prompts: {} }),
    ...(hasResources && { resources: { subscribe: true } }),
    ...((prompts.length > 0 || hasResources) && { completions: {} }),
  };
}

/** What the client may ask for, by names as its path shows them; undefined where that was refused, which has been answered. */
async function listPassing(request: McpRequest) {
  const client = await clientOf(request);
  if (client === undefined) return undefined;
  const { prefix } = request.view;
  const passing = await request.app.gateway.passing.list(client, prefix === '' ? undefined : prefix.slice(0, -1));
  return {
    prompts: passing.prompts.map((prompt) => ({ ...asSeen(prompt), name: prompt.name.slice(prefix.length) })),
    resources: passing.resources.map(asSeen),
    resourceTemplates: passing.resourceTemplates.map(asSeen),
  };
}

/** What a server says of one of them, as people could see it. */
function asSeen<T extends Readonly<Record<string, unknown>>>(item: T): T {
  const texts = ['title', 'description'].filter((member) => item[member] !== undefined);
  return { ...item, ...Object.fromEntries(texts.map((member) => [member, plainText(item[member])])) };
}

type Listed = 'prompts' | 'resources' | 'resourceTemplates';

/** `prompts/list`, `resources/list` and `resources/templates/list`. */
export function listOf(member: Listed): (request: McpRequest) => Promise<void> {
  return async (request) => {
    const { exchange, params, revision } = request;
    const { cursor } = params;
    const passing = await listPassing(request);
    if (passing === undefined) return;
    const page = cursor === undefined || typeof cursor === 'string' ? pageOf(passing[member], cursor) : undefined;
    if (page === undefined) {
      return exchange.fault(fault(RPC.invalidParams, 'params.cursor is none that was given out.', 200));
    }
    const { items, nextCursor } = page;
    const result = {
      [member]: items,
      ...(nextCursor !== undefined && { nextCursor }),
      ...(revision.stateless && UNCACHED),
    };
    exchange.result(complete(revision.stateless, JSON.stringify(result)));
  };
}

/** `prompts/get`, `resources/read` and `completion/complete`: each is a call, recorded like any other. */
export async function passRequest(request: McpRequest): Promise<void> {
  const { app, exchange, revision, method, cancelled } = request;
  const { _meta: _, inputResponses: _answers, requestState: _state, ...params } = request.params;
  const inRun = aboutOf(request);
  if (isFault(inRun)) return exchange.fault(inRun);
  const about = () => canonicalize({ method, params });
  const asked = clientInput(request, about);
  if (isFault(asked)) return exchange.fault(asked);
  const { input } = asked;
  const onNotice = passOn(request);
  const progress = { ...(onNotice && { onNotice }), ...(cancelled && { cancelled }), ...(input && { input }) };
  const named = namedIn(params, request.view.prefix);
  const call = { ...doorOf(request), ...inRun, method: method as PassingMethod, params: named };
  const answer = await app.gateway.passing.pass(call, progress).finally(() => asked.end());
  if (answer.kind !== 'executed') return tellRefused(request, answer, params);
  const asking = askingResult(request, about, answer.result);
  exchange.result(asking ?? complete(revision.stateless, fitted(request, answer.result)));
}

/** A prompt's name as the workspace knows it. */
function namedIn(params: JsonObject, prefix: string): JsonObject {
  const { name, ref } = params;
  if (typeof name === 'string') return { ...params, name: `${prefix}${name}` };
  if (isJsonObject(ref) && typeof ref.name === 'string')
    return { ...params, ref: { ...ref, name: `${prefix}${ref.name}` } };
  return params;
}

/** An upstream's result in the form of this request's revision, whichever its own is. */
function fitted({ method, revision }: McpRequest, result: string): string {
  const value = readJson(result);
  if (!isJsonObject(value)) return result;
  const { resultType: _type, _meta: _identity, ttlMs: _ttl, cacheScope: _scope, ...rest } = value;
  return JSON.stringify(revision.stateless && method === 'resources/read' ? { ...rest, ...UNCACHED } : rest);
}

/** Tells why there is no result. */
export function tellRefused(
  request: McpRequest,
  answer: Exclude<Answer, { kind: 'executed' }>,
  about: JsonObject,
): void {
  if (answer.kind === 'deny' && answer.step === 'authenticate') answerRefusal(request, answer);
  else request.exchange.fault(faultOf(answer, about));
}

/** Why there is no result. What is not there and what was not granted are told alike, as the protocol tells it. */
function faultOf(answer: Exclude<Answer, { kind: 'executed' }>, { uri }: JsonObject): Fault {
  const about = typeof uri === 'string' ? { uri } : {};
  if (answer.kind === 'deny') {
    const { code, step, detail } = answer;
    if (code !== 'not_granted') return fault(RPC.internalError, detail, 200, { code, step });
    return fault(RPC.invalidParams, uri === undefined ? detail : 'Resource not found', 200, { ...about, code, step });
  }
  if (answer.kind === 'pending') {
    const { approvalId: approval_id } = answer;
    const code = 'approval_pending';
    return fault(RPC.internalError, `Nothing has been read: a person has to approve it first, ${approval_id}.`, 200, {
      code,
      approval_id,
    });
  }
  // What only reads is never drafted.
  if (answer.kind === 'draft')
    return fault(RPC.internalError, 'Nothing has been read: this client may only draft.', 200);
  if (answer.kind === 'dry_run') throw new Error('A request for a prompt or a resource is never a dry run');
  const error = readJson(answer.error);
  const rpc = isJsonObject(error) && isJsonObject(error.rpc_error) ? error.rpc_error : {};
  // Servers of before have a code of their own for what is not there.
  const code = rpc.code === -32002 || rpc.code === RPC.invalidParams ? RPC.invalidParams : RPC.internalError;
  const message = typeof rpc.message === 'string' ? rpc.message : 'The upstream could not answer.';
  return fault(code, message, 200, { ...about, code: 'upstream_error', execution_id: answer.executionId });
}
