import type { EgressExceptions } from '../../egress-exceptions.ts';
import type { Kind } from '../../kind.ts';
import { type JsonText, type OnProgress, type Refused, refused, type UpstreamRequest } from '../../outcome.ts';
import type { Readied } from '../../prepared.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import type { Ways } from '../../ways.ts';
import { type McpConnectorConfig, type McpHandlerConfig, mcpConnectorConfig, mcpHandlerConfig } from './config.ts';
import { headerText } from './http/peer.ts';
import { outcomeOfCall } from './outcome.ts';
import type { PeerReply } from './peer.ts';
import type { Pinned, Whose } from './peers.ts';
import { boundTo, reach, refuseServer, type Server, serverOf } from './server.ts';

/** One request to an MCP server, ready to be sent. */
export type McpRequest = {
  readonly whose: Whose;
  readonly server: Server;
  readonly method: string;
  readonly params: Readonly<Record<string, JsonText>>;
  readonly headers?: readonly string[];
  readonly pinned?: Pinned;
};

/** A tool of an MCP server. */
export const mcp: Kind<McpHandlerConfig, McpConnectorConfig, McpRequest> = {
  handlerConfig: mcpHandlerConfig,
  connectorConfig: mcpConnectorConfig,
  form: 'mcp',
  isImported: true,
  connectors: { kinds: ['mcp'], required: true },
  takes: () => ({ needed: [], others: 'any' }),
  refuseTarget: refuseServer,
  hostOf: boundTo,
  describeConnector: whereOf,

  describe({ tool }, connector) {
    const server = connector === null ? '' : ` of the MCP server at ${placeOf(connector)}`;
    const details = { tool, ...(connector !== null && { server: placeOf(connector) }) };
    const url = connector?.transport === 'http' ? { method: 'POST', url: withoutQuery(connector.url) } : null;
    return { sentence: `calls ${tool}${server}`, details, destination: url };
  },

  prepare({ tool, pin, param_headers, timeout_ms }, connector, request, exceptions) {
    const met = throughTo(connector!, request, exceptions);
    if ('kind' in met) return met;
    const headers = param_headers?.flatMap(({ name, path }) => paramHeader(name, valueAt(request.arguments, path)));
    const sent: McpRequest = {
      ...met,
      method: 'tools/call',
      params: { name: JSON.stringify(tool), arguments: Buffer.from(request.argumentsCanonical).toString() },
      ...(headers !== undefined && { headers }),
      pinned: { list: 'tools', name: tool, pin },
    };
    return readied(sent, timeout_ms);
  },

  async execute(ways, { request }, sending) {
    const reply = await sendTo(ways, request, sending);
    return 'kind' in reply && reply.kind === 'refused' ? reply : outcomeOfCall(reply as PeerReply);
  },
};

/** A request as {@link Kind.prepare} gives it. */
export function readied(request: McpRequest, timeoutMs: number): Readied<McpRequest> {
  const { secrets } = request.server;
  return { kind: 'prepared', request, timeoutMs, ...(secrets !== undefined && { secrets }) };
}

type Judged = { readonly tenantId: string; readonly exceptions: EgressExceptions; readonly server: Server | Refused };
const judged = new WeakMap<McpConnectorConfig, Judged>();

/** The server behind a connector, judged once for each time the connector is read. */
export function throughTo(
  connector: McpConnectorConfig,
  { tenantId, connector: row }: UpstreamRequest,
  exceptions: EgressExceptions,
): Pick<McpRequest, 'whose' | 'server'> | Refused {
  const connectorId = row?.id;
  if (connectorId === undefined)
    return refused('egress_blocked', 'It is not known which connector leads to the server.');
  let known = judged.get(connector);
  if (known?.tenantId !== tenantId || known.exceptions !== exceptions) {
    known = { tenantId, exceptions, server: serverOf(connector, tenantId, exceptions) };
    judged.set(connector, known);
  }
  const { server } = known;
  return 'kind' in server ? server : { whose: { tenantId, connectorId }, server };
}

/** Sends a request to its server. Never rejects, and never sends again what may have been worked on. */
export async function sendTo(
  ways: Ways,
  { whose, server, method, params, headers = [], pinned }: McpRequest,
  sending: {
    readonly executionId: string;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly secrets?: UsedSecrets | undefined;
    readonly onProgress?: OnProgress | undefined;
  },
): Promise<PeerReply | Refused> {
  const { executionId, timeoutMs, signal, secrets, onProgress } = sending;
  const reached = reach(ways, server, whose, secrets);
  if ('kind' in reached) return reached;
  const asking = {
    timeoutMs,
    signal,
    onNotice: onProgress && secrets ? scrubbed(onProgress, secrets) : onProgress,
    headers: [...headers, 'idempotency-key', executionId],
  };
  try {
    return await ways.mcp.ask(reached, whose, method, params, asking, pinned);
  } catch (fault) {
    return {
      kind: 'cut',
      reason: `The call broke off inside the gateway (${fault instanceof Error ? fault.name : 'fault'}).`,
    };
  }
}

/** Notices without the secrets that were sent, in their order. */
function scrubbed(onProgress: OnProgress, { scrubber }: UsedSecrets): OnProgress {
  let before: Promise<unknown> = Promise.resolve();
  return (notice) => {
    const clean = scrubber.json(JSON.stringify(notice));
    before = before.then(async () => onProgress(JSON.parse(await clean))).catch(() => {});
  };
}

function paramHeader(name: string, value: unknown): string[] {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
  return [`mcp-param-${name.toLowerCase()}`, headerText(String(value))];
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Where a connector leads, in a few words. */
export function whereOf(connector: McpConnectorConfig): string {
  return connector.transport === 'http' ? connector.url : [connector.command, ...connector.args].join(' ');
}

/** The same, as short as a sentence about a call wants it. */
export function placeOf(connector: McpConnectorConfig): string {
  if (connector.transport === 'stdio') return whereOf(connector).slice(0, 120);
  return URL.canParse(connector.url) ? new URL(connector.url).host : connector.url;
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '');
}
