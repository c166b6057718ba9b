import { isRefused } from '../../kernel/codes.ts';
import { serveCall } from './call.ts';
import { listed, pageOf } from './catalogue.ts';
import { fault, RPC } from './message.ts';
import { listOf, passingCapabilities, passRequest } from './passing.ts';
import { answerRefusal, clientOf, type McpRequest } from './request.ts';
import { complete, SERVER_INFO, UNCACHED } from './results.ts';
import { declaredAbilities, HANDSHAKE, STATELESS, TASKS } from './revision.ts';
import { newSession } from './session.ts';
import { listen, subscribe, unsubscribe } from './subscriptions.ts';
import { serveTask } from './tasks.ts';

type Method = (request: McpRequest) => void | Promise<void>;

const INSTRUCTIONS =
  'Every call goes through Countersign, which may hold it until people approve it. A result with the status pending_approval ' +
  'means that nothing has run: wait with await_approval, and do not make the call again. A result with isError and a code says ' +
  'why a call was refused.';

const CAPABILITIES = { tools: {} };

/** What is answered, by revision. Whatever is in neither table is no method of it. */
const BOTH: Readonly<Record<string, Method>> = {
  'tools/list': listTools,
  'tools/call': serveCall,
  'prompts/list': listOf('prompts'),
  'prompts/get': passRequest,
  'resources/list': listOf('resources'),
  'resources/templates/list': listOf('resourceTemplates'),
  'resources/read': passRequest,
  'completion/complete': passRequest,
};
const STATELESS_METHODS: Readonly<Record<string, Method>> = {
  ...BOTH,
  'server/discover': discover,
  'subscriptions/listen': listen,
  'tasks/get': serveTask,
  'tasks/update': serveTask,
  'tasks/cancel': serveTask,
};
const HANDSHAKE_METHODS: Readonly<Record<string, Method>> = {
  ...BOTH,
  initialize,
  'resources/subscribe': subscribe,
  'resources/unsubscribe': unsubscribe,
  ping: ({ exchange }) => exchange.result('{}'),
  // What an upstream logs while a call runs is passed on whatever its level: a session is kept by its client alone.
  'logging/setLevel': ({ exchange }) => exchange.result('{}'),
};

/** Serves one request by its method. */
export async function serveMethod(request: McpRequest): Promise<void> {
  const { method, revision, exchange } = request;
  const methods = revision.stateless ? STATELESS_METHODS : HANDSHAKE_METHODS;
  if (!Object.hasOwn(methods, method)) {
    return exchange.fault(fault(RPC.methodNotFound, 'Method not found', revision.stateless ? 404 : 200));
  }
  await methods[method]!(request);
}

/** Metered like every request that is no call: whoever has a token may ask so often what this is. */
async function discover(request: McpRequest): Promise<void> {
  const passing = await passingCapabilities(request);
  if (passing === undefined) return;
  const result = {
    supportedVersions: [STATELESS],
    capabilities: { ...CAPABILITIES, ...passing, extensions: { [TASKS]: {} } },
    instructions: INSTRUCTIONS,
    ...UNCACHED,
  };
  request.exchange.result(complete(true, JSON.stringify(result)));
}

async function initialize(request: McpRequest): Promise<void> {
  const passing = await passingCapabilities(request);
  if (passing === undefined) return;
  const { exchange, params } = request;
  const asked = params.protocolVersion;
  const protocolVersion = HANDSHAKE.find((version) => version === asked) ?? HANDSHAKE[0];
  exchange.header('mcp-session-id', newSession(declaredAbilities(params.capabilities)).id);
  const capabilities = { ...CAPABILITIES, ...passing, logging: {} };
  const result = { protocolVersion, capabilities, serverInfo: SERVER_INFO, instructions: INSTRUCTIONS };
  exchange.result(JSON.stringify(result));
}

async function listTools(request: McpRequest): Promise<void> {
  const { app, exchange, params, revision, view, search } = request;
  const { cursor } = params;
  const client = await clientOf(request);
  if (client === undefined) return;
  const status = await app.gateway.status(client);
  if (isRefused(status)) return answerRefusal(request, status);
  const page =
    cursor === undefined || typeof cursor === 'string' ? pageOf(listed(status, view, search), cursor) : undefined;
  if (page === undefined)
    return exchange.fault(fault(RPC.invalidParams, 'params.cursor is none that was given out.', 200));
  const { items: tools, nextCursor } = page;
  const result = { tools, ...(nextCursor !== undefined && { nextCursor }), ...(revision.stateless && UNCACHED) };
  exchange.result(complete(revision.stateless, JSON.stringify(result)));
}
