import type { EgressExceptions } from '../../egress-exceptions.ts';
import type { Kind } from '../../kind.ts';
import {
  type JsonText,
  type OnProgress,
  type Refused,
  type Relay,
  refused,
  type UpstreamRequest,
} from '../../outcome.ts';
import type { Readied } from '../../prepared.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import type { Ways } from '../../ways.ts';
import { type McpConnectorConfig, type McpHandlerConfig, mcpConnectorConfig, mcpHandlerConfig } from './config.ts';
import { outcomeOfCall } from './outcome.ts';
import { disagreeing, paramHeaders } from './param-headers.ts';
import type { PeerReply } from './peer.ts';
import type { Pinned, Whose } from './peers.ts';
import { roundsOf } from './relay.ts';
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
  disagreeing: ({ param_headers = [] }, args, headers) => disagreeing(param_headers, args, headers),
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
    const headers = param_headers && paramHeaders(param_headers, request.arguments);
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

/** Is no request of its own in the later revision, in which a server is listened to for all that is watched. */
const WATCHES = 'resources/subscribe';

/** Sends a request to its server. Never rejects, and never sends again what may have been worked on. */
export async function sendTo(
  ways: Ways,
  { whose, server, method, params, headers = [], pinned }: McpRequest,
  sending: {
    readonly executionId: string;
    readonly caller?: string | undefined;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly secrets?: UsedSecrets | undefined;
    readonly onProgress?: OnProgress | undefined;
    readonly relay?: Relay | undefined;
  },
): Promise<PeerReply | Refused> {
  const { executionId, caller, timeoutMs, signal, secrets, onProgress, relay } = sending;
  const reached = reach(ways, server, { ...whose, caller }, secrets);
  if ('kind' in reached) return reached;
  const rounds = roundsOf(method, relay, server.relays, secrets);
  const until = performance.now() + timeoutMs;
  const asking = {
    signal,
    asked: rounds.asked,
    onNotice: onProgress && secrets ? scrubbed(onProgress, secrets) : onProgress,
  };
  try {
    if (method === WATCHES) {
      const uri = JSON.parse(params.uri!) as string;
      const watching = { ...asking, timeoutMs, headers: [...headers, 'idempotency-key', executionId] };
      return await ways.mcp.watch(reached, whose, uri, watching, pinned);
    }
    return await rounds.run((more, round) => {
      // The same call with what was asked for is no repeat of the one before.
      const key = round === 1 ? executionId : `${executionId}-${round}`;
      const timeoutMs = Math.max(1, until - performance.now());
      const left = { ...asking, timeoutMs, headers: [...headers, 'idempotency-key', key] };
      return ways.mcp.ask(reached, whose, method, { ...params, ...more }, left, pinned);
    }, until);
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
