import { type Answer, type Call, type NewCall, newCall } from '../../gateway/call.ts';
import type { Progress } from '../../gateway/progress.ts';
import { REFUSALS } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { isId } from '../../kernel/ids.ts';
import { readJson } from '../../kernel/json-text.ts';
import { isJsonObject, type JsonObject } from '../../kernel/strict-json.ts';
import type { OnProgress } from '../../upstream/outcome.ts';
import { ABOUT } from '../about-call.ts';
import { enterWait, idempotency, isJustification, isName, NO_JUSTIFICATION, NO_KEY, waitSeconds } from '../call-rim.ts';
import { aboutOf, bad, PREFIX } from './about.ts';
import { isOwnTool, namedTool } from './catalogue.ts';
import { doorOf } from './door-of.ts';
import { askingResult, type ClientInput, clientInput } from './input.ts';
import { type Fault, fault, isFault, RPC } from './message.ts';
import { callOwn } from './own-tools.ts';
import { answerRefusal, type McpRequest } from './request.ts';
import { callResult, complete } from './results.ts';
import { answerAgain, answerPending, startProgress } from './waiting.ts';

/** What a program may say about a call beside its arguments; all of it is optional. */
const SETTINGS = [
  'approval_id',
  'execute_on_approval',
  'idempotency_key',
  'wait_seconds',
  'justification',
  'dry_run',
  ...ABOUT,
] as const;
const WAIT_MAX_SECONDS = 60;

/** `tools/call`: a governed call, or one of the gate's own tools. */
export async function serveCall(request: McpRequest): Promise<void> {
  const { params, revision } = request;
  const { name, arguments: args = {}, requestState } = params;
  if (!isName(name))
    return unreadableCall(request, 'name must be the name of a tool, at most 128 characters, at $.params.name');
  if (!isJsonObject(args)) return unreadableCall(request, 'arguments must be a JSON object at $.params.arguments');
  if (isOwnTool(name) && name !== 'call_tool') return callOwn(request, name, args);
  // The client was shown the page of the approval, and makes its call again.
  const held =
    revision.stateless && typeof requestState === 'string' && isId('apv', requestState) ? requestState : undefined;
  if (name !== 'call_tool') {
    if (held !== undefined) return answerAgain(request, namedTool(name, request.view), held);
    const asWritten = request.canonicalParam?.('arguments');
    return callTool(request, name, args, {
      ...(asWritten && { argumentsCanonical: asWritten }),
      ...(revision.stateless && { paramHeaders: paramHeadersOf(request.incoming) }),
    });
  }
  const { name: of, arguments: its = {}, justification } = args;
  if (!isName(of)) return unreadableCall(request, 'name must be the name of a tool, at $.params.arguments.name');
  if (!isJsonObject(its))
    return unreadableCall(request, 'arguments must be a JSON object at $.params.arguments.arguments');
  if (justification !== undefined && !isJustification(justification))
    return unreadableCall(request, `${NO_JUSTIFICATION}, at $.params.arguments.justification`);
  if (held !== undefined) return answerAgain(request, namedTool(of, request.view), held);
  return callTool(request, of, its, justification === undefined ? {} : { justification });
}

async function callTool(
  request: McpRequest,
  name: string,
  args: JsonObject,
  said: Pick<NewCall, 'argumentsCanonical' | 'paramHeaders' | 'justification'> = {},
): Promise<void> {
  const read = readSettings(request.meta);
  if (isFault(read)) return unreadableCall(request, read.message);
  const inRun = aboutOf(request);
  if (isFault(inRun)) return unreadableCall(request, inRun.message);
  const { waitMs = waitSeconds(request.incoming.headers.prefer) * 1000, key, ...settings } = read;
  const toolName = namedTool(name, request.view);
  const call = newCall({ ...doorOf(request), toolName, arguments: args, ...said, ...settings, ...inRun });
  const keyed = key === undefined ? {} : idempotency(key, call);
  if (keyed === undefined) return unreadableCall(request, NO_KEY);
  const about = () => `${call.toolName} ${sha256Hex(call.argumentsCanonical)}`;
  const asked = clientInput(request, about);
  if (isFault(asked)) return unreadableCall(request, asked.message);
  const answer = await dispatched(request, { ...call, ...keyed }, waitMs, asked);
  if (answer.kind === 'deny' && answer.step === 'authenticate') return answerRefusal(request, answer);
  await answerCall(request, call, answer, about);
}

async function dispatched(
  request: McpRequest,
  call: Call,
  waitMs: number,
  { input, end }: ClientInput,
): Promise<Answer> {
  const { app, exchange, credential, cancelled } = request;
  const onNotice = passOn(request);
  const progress: Progress = {
    ...(onNotice && { onNotice }),
    ...(cancelled && { cancelled }),
    ...(input && { input }),
  };
  const leave = waitMs > 0 ? enterWait(credential) : undefined;
  const stop = leave && startProgress(request);
  try {
    const options = leave ? { waitMs, gone: request.gone(), progress } : { progress };
    const answer = await app.gateway.dispatch(call, options);
    exchange.rate(progress.rate, answer.kind === 'deny' ? answer.retryAfterSeconds : undefined);
    return answer;
  } finally {
    end();
    stop?.();
    leave?.();
  }
}

function answerCall(request: McpRequest, call: Call, answer: Answer, about: () => string): void | Promise<void> {
  const { exchange, revision, meta } = request;
  const unable = answer.kind === 'failed' && revision.stateless ? capabilityFault(answer.error, meta) : undefined;
  if (unable !== undefined) return exchange.fault(unable);
  if (answer.kind === 'executed' && answer.form === 'mcp') {
    const asking = askingResult(request, about, answer.result);
    if (asking !== undefined) return exchange.result(asking);
  }
  if (answer.kind === 'deny' && answer.code === 'invalid_payload') {
    // What could be read of the call: it is the headers that say something else.
    return exchange.fault(fault(RPC.headerMismatch, `Headers and body disagree: ${answer.detail}`));
  }
  const text = callResult(answer);
  // Whoever makes the call themselves once it is approved has no use for a task.
  if (answer.kind === 'pending' && call.executeOnApproval) return answerPending(request, answer, text);
  exchange.result(complete(revision.stateless, text));
}

const PARAM = 'mcp-param-';
const NO_HEADERS: ReadonlyMap<string, string> = new Map();

/** What a client repeats of the arguments in headers. */
function paramHeadersOf({ headers }: McpRequest['incoming']): ReadonlyMap<string, string> {
  let found: Map<string, string> | undefined;
  for (const name in headers) {
    const value = name.startsWith(PARAM) ? headers[name] : undefined;
    if (typeof value !== 'string') continue;
    found ??= new Map();
    found.set(name.slice(PARAM.length), value.replace(/^[ \t]+|[ \t]+$/g, ''));
  }
  return found ?? NO_HEADERS;
}

/** An upstream server needs something of the client that this has not said that it can do. */
function capabilityFault(error: string, meta: JsonObject): Fault | undefined {
  if (!error.includes(String(RPC.missingCapability))) return undefined;
  const value = readJson(error);
  const rpc = isJsonObject(value) && isJsonObject(value.rpc_error) ? value.rpc_error : {};
  const data = isJsonObject(rpc.data) ? rpc.data : {};
  const { requiredCapabilities } = data;
  if (rpc.code !== RPC.missingCapability || !isJsonObject(requiredCapabilities)) return undefined;
  const declared = meta['io.modelcontextprotocol/clientCapabilities'];
  const isMissing = Object.keys(requiredCapabilities).some((name) => !isJsonObject(declared) || !(name in declared));
  const needed = Object.keys(requiredCapabilities).join(', ');
  const message = `The upstream needs a client that can do this: ${needed.slice(0, 200)}`;
  return isMissing ? fault(RPC.missingCapability, message, 400, { requiredCapabilities }) : undefined;
}

/** What an upstream says while the call runs goes on to the client; undefined where it did not ask for that. */
export function passOn({ meta, exchange, revision }: McpRequest): OnProgress | undefined {
  const { progressToken } = meta;
  const takesLogs = !revision.stateless || meta['io.modelcontextprotocol/logLevel'] !== undefined;
  if (!exchange.takesEvents || (progressToken === undefined && !takesLogs)) return undefined;
  return ({ method, params }) => {
    if (method === 'notifications/message') {
      if (takesLogs) exchange.notify(method, params);
    } else if (progressToken !== undefined) exchange.notify(method, { progressToken, ...params });
  };
}

type Settings = Partial<Pick<Call, 'approvalId' | 'justification' | 'dryRun'>> &
  Pick<Call, 'executeOnApproval'> & { readonly key?: string; readonly waitMs?: number };

/** What `_meta` says about the call. A call of an agent is made once it is approved, unless that says otherwise. */
function readSettings(meta: JsonObject): Settings | Fault {
  let executeOnApproval = meta[`${PREFIX}execute_on_approval`];
  const {
    approval_id: id,
    idempotency_key: key,
    wait_seconds: wait,
    justification,
    dry_run: dryRun = false,
  } = Object.fromEntries(SETTINGS.map((name) => [name, meta[`${PREFIX}${name}`]]));
  for (const name of Object.keys(meta)) {
    if (!name.startsWith(PREFIX) || (SETTINGS as readonly string[]).includes(name.slice(PREFIX.length))) continue;
    return bad(name, `unknown field; the fields are ${SETTINGS.map((one) => PREFIX + one).join(', ')}`);
  }
  if (id !== undefined && !isName(id)) return bad(`${PREFIX}approval_id`, "must be an approval's id");
  executeOnApproval ??= id === undefined;
  if (typeof executeOnApproval !== 'boolean') return bad(`${PREFIX}execute_on_approval`, 'must be true or false');
  if (key !== undefined && typeof key !== 'string') return bad(`${PREFIX}idempotency_key`, 'must be a string');
  if (wait !== undefined && !(typeof wait === 'number' && wait >= 0 && wait <= WAIT_MAX_SECONDS))
    return bad(`${PREFIX}wait_seconds`, `must be a number up to ${WAIT_MAX_SECONDS}`);
  if (justification !== undefined && !isJustification(justification))
    return bad(`${PREFIX}justification`, NO_JUSTIFICATION);
  if (typeof dryRun !== 'boolean') return bad(`${PREFIX}dry_run`, 'must be true or false');
  return {
    executeOnApproval,
    ...(id !== undefined && { approvalId: id }),
    ...(key !== undefined && { key }),
    ...(typeof wait === 'number' && { waitMs: wait * 1000 }),
    ...(justification !== undefined && { justification }),
    ...(dryRun && { dryRun }),
  };
}

/** A call that cannot be read is a refused call of whoever sent it, and a fault of the protocol. */
async function unreadableCall(request: McpRequest, detail: string): Promise<void> {
  const { app, exchange } = request;
  const call = newCall({ ...doorOf(request), unreadable: { code: 'invalid_payload', detail } });
  const answer = await app.gateway.dispatch(call);
  if (answer.kind !== 'deny') throw new Error('A call that cannot be read was made');
  if (answer.step === 'authenticate') return answerRefusal(request, answer);
  const { code, step } = answer;
  exchange.fault(
    fault(RPC.invalidParams, answer.detail, REFUSALS[code].status === 400 ? 200 : REFUSALS[code].status, {
      code,
      step,
    }),
  );
}
