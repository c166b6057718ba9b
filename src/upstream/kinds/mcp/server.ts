import { sha256Hex } from '../../../kernel/hash.ts';
import { uuidToId } from '../../../kernel/ids.ts';
import { secretsIn } from '../../../kernel/secret-reference.ts';
import { authorizationHeaders } from '../../authorization.ts';
import { type EgressExceptions, isExcepted } from '../../egress-exceptions.ts';
import { checkHost, hostOf, readUrl } from '../../egress-guard.ts';
import type { TargetFault } from '../../kind.ts';
import { type InputKind, type Refused, refused } from '../../outcome.ts';
import type { NeededSecrets } from '../../prepared.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import type { Ways } from '../../ways.ts';
import { fillSecrets } from '../http/fill.ts';
import type { HttpServer, McpConnectorConfig, StdioServer } from './config.ts';
import { HttpPeer } from './http/peer.ts';
import type { Meetable, Reached, Whose } from './peers.ts';
import { allowedEnv } from './stdio/allow.ts';
import { StdioPeer } from './stdio/peer.ts';

/** A connector's server as one workspace reaches it. It only names secrets. */
export type Server = {
  readonly secrets?: NeededSecrets;
  /** What it may ask of callers that can be asked. */
  readonly relays: readonly InputKind[];
} & (
  | {
      readonly transport: 'http';
      readonly origin: string;
      readonly path: string;
      readonly headers: readonly string[];
      readonly excepted: boolean;
    }
  | {
      readonly transport: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
);

const MEMORY_DEFAULT = 1024 * 1024 ** 2;

/** Where a connector's server is, or why the workspace may not reach it. */
export function serverOf(
  connector: McpConnectorConfig,
  tenantId: string,
  exceptions: EgressExceptions,
): Server | Refused {
  return connector.transport === 'http'
    ? overHttp(connector, tenantId, exceptions)
    : overStdio(connector, tenantId, exceptions);
}

function overHttp(connector: HttpServer, tenantId: string, exceptions: EgressExceptions): Server | Refused {
  const headers = { ...connector.headers, ...authorizationHeaders(connector) };
  const base = readUrl(connector.url);
  if (!base.ok) return refused('egress_blocked', base.detail);
  const { hostname, port, origin, rest } = base;
  const excepted = isExcepted(exceptions, tenantId, hostname, port);
  const blocked = checkHost(hostname, port, excepted);
  if (blocked !== null) return refused('egress_blocked', blocked.detail);
  const path = rest.startsWith('?') ? `/${rest}` : rest || '/';
  const flat = Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]);
  const names = secretsIn(JSON.stringify([path, headers]));
  const secrets = names.length === 0 ? {} : { secrets: { names, host: hostOf(base) } };
  return { transport: 'http', origin, path, headers: flat, excepted, relays: connector.relays ?? [], ...secrets };
}

function overStdio(connector: StdioServer, tenantId: string, { stdio = [] }: EgressExceptions): Server | Refused {
  const { command, args } = connector;
  const env = allowedEnv(stdio, tenantId, connector);
  if (env === null) {
    return refused('egress_blocked', 'No setting lets this workspace start the command of the MCP server.');
  }
  const names = secretsIn(JSON.stringify(env));
  const secrets = names.length === 0 ? {} : { secrets: { names, host: stdioHost(command) } };
  return { transport: 'stdio', command, args, env, relays: connector.relays ?? [], ...secrets };
}

/** What secrets for a local process are bound to, in the place of a host: nothing on a network has that name. */
function stdioHost(command: string): string {
  const name = command.split('/').at(-1)!.toLowerCase();
  return `${
    name
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 60) || 'command'
  }.stdio`;
}

/** What the secrets of a connector are bound to. */
export function boundTo(connector: McpConnectorConfig): string | null {
  if (connector.transport === 'stdio') return stdioHost(connector.command);
  const base = readUrl(connector.url);
  return base.ok ? hostOf(base) : null;
}

/** Why a workspace may not have this connector, told when it is entered. */
export function refuseServer(
  connector: McpConnectorConfig,
  tenantId: string,
  exceptions: EgressExceptions,
): TargetFault | null {
  const server = serverOf(connector, tenantId, exceptions);
  if (!('kind' in server)) return null;
  const org = uuidToId('org', tenantId);
  if (connector.transport === 'stdio') {
    const line = [...Object.keys(connector.env).map((name) => `${name}=*`), connector.command, ...connector.args];
    const message = `An operator lets this workspace start it with COUNTERSIGN_MCP_STDIO_ALLOW=${org}@${line.join(' ')}`;
    return { member: 'command', message: `${server.detail} ${message}` };
  }
  const base = readUrl(connector.url);
  const setting = base.ok ? `COUNTERSIGN_EGRESS_ALLOW=${org}@${base.hostname}:${base.port}` : '';
  const canBeExcepted = base.ok && checkHost(base.hostname, base.port, true) === null;
  const message = canBeExcepted
    ? `${server.detail} An operator lets this workspace there with ${setting}`
    : server.detail;
  return { member: 'url', message };
}

const known = new WeakMap<Server, { readonly ways: Ways; readonly reached: Reached | Refused }>();

type By = Whose & { readonly caller?: string | undefined };

/**
 * A server with the values of its secrets: what it is known by, and how it is met. Where it names none, and asks its
 * callers nothing, it is worked out once.
 */
export function reach(ways: Ways, server: Server, whose: By, secrets: UsedSecrets | undefined): Reached | Refused {
  if (secrets !== undefined || server.relays.length > 0) return reachNow(ways, server, whose, secrets);
  let once = known.get(server);
  if (once?.ways !== ways) {
    once = { ways, reached: reachNow(ways, server, whose, undefined) };
    known.set(server, once);
  }
  return once.reached;
}

function reachNow(
  ways: Ways,
  server: Server,
  { tenantId, connectorId, caller }: By,
  secrets: UsedSecrets | undefined,
): Reached | Refused {
  const whose = `${tenantId} ${connectorId}`;
  const { relays } = server;
  // What one caller is asked, and says, is not another's: neither its folders nor its answers.
  const asked = relays.length > 0 ? { relays, caller } : { relays };
  const isClean = async (text: string): Promise<boolean> =>
    secrets === undefined || (await secrets.scrubber.json(text)) === text;
  if (server.transport === 'stdio') {
    const fill = (value: string): string => (secrets === undefined ? value : secrets.fill(value));
    const env = Object.fromEntries(Object.entries(server.env).map(([name, value]) => [name, fill(value)]));
    if (Object.values(env).some((value) => value.includes('\0'))) {
      return refused('egress_blocked', 'A secret cannot be put into the environment: it has the character U+0000.');
    }
    const command = { command: server.command, args: server.args, env };
    const limits = { maxLineBytes: ways.maxBodyBytes * 4, maxMemoryBytes: ways.stdioMemoryBytes ?? MEMORY_DEFAULT };
    const key = keyOf(whose, { ...command, ...asked });
    return { key, caller, make: () => new StdioPeer(command, limits, relays), isClean };
  }
  const { origin, excepted } = server;
  const filled = secrets === undefined ? server : fillSecrets({ ...server, body: null, isForm: false }, secrets);
  if ('kind' in filled) return filled;
  const { path, headers } = filled;
  const dispatcher = excepted ? ways.excepted : ways.guarded;
  const maxBytes = ways.maxBodyBytes * 4;
  const make = (): Meetable => new HttpPeer({ dispatcher, origin, path, headers, maxBytes, relays });
  return { key: keyOf(whose, { origin, path, headers, excepted, ...asked }), make, isClean, caller };
}

/** Two callers with different secrets, or that can be asked for something, never share a session. The values themselves are not kept here. */
function keyOf(whose: string, what: object): string {
  return sha256Hex(JSON.stringify([whose, what]));
}
