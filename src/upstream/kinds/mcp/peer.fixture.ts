import { canonicalBytesOf } from '../../../kernel/jcs.ts';
import type { Refused, Sending, UpstreamOutcome } from '../../outcome.ts';
import { createUpstream, type Upstream, type UpstreamOptions } from '../../upstream.ts';
import { definitionOf, type ListName } from './definitions.ts';
import type { Discovered } from './discover.ts';

const TENANT = '01936f00-0000-7000-8000-00000000000a';
const WHOSE = { tenantId: TENANT, connectorId: 'con_01m80m5h5re308pvzp7b8eqkmg' };

/** A tool as servers of these tests have it, and the hash that accepting it pins. */
export const TOOL = { name: 'echo', description: 'Says it again', inputSchema: { type: 'object' } };
export const pinOf = (definition: object, list: ListName = 'tools'): string => definitionOf(list, definition)!.pin;

export type Asked = {
  readonly config: object;
  readonly args?: Record<string, unknown>;
  readonly pin?: string;
  readonly tool?: string;
  readonly timeoutMs?: number;
  readonly sending?: Partial<Sending>;
};

/** Ways out with everything on loopback excepted that a test starts. */
export function openUpstream(hosts: readonly string[], options: Partial<UpstreamOptions> = {}): Upstream {
  return createUpstream({ allow: hosts, connectTimeoutMs: 2_000, ...options });
}

/** Calls a tool of a server, as the gateway would. */
export async function callTool(
  upstream: Upstream,
  { config, args = { text: 'hi' }, pin = pinOf(TOOL), tool = 'echo', timeoutMs = 5_000, sending = {} }: Asked,
): Promise<UpstreamOutcome | Refused> {
  const request = {
    tenantId: TENANT,
    toolName: `server.${tool}`,
    handlerKind: 'mcp',
    handlerConfig: { tool, pin, timeout_ms: 60_000 },
    connector: { id: WHOSE.connectorId, kind: 'mcp', config },
    arguments: args,
    argumentsCanonical: canonicalBytesOf(args),
  };
  const prepared = upstream.prepare(request);
  if (prepared.kind === 'refused') return prepared;
  return upstream.execute(prepared, { executionId: 'exe_1', timeoutMs, ...sending });
}

/** Asks a server for all its lists. */
export function discoverAll(upstream: Upstream, config: object): Promise<Discovered | UpstreamOutcome> {
  return upstream.servers.discover(WHOSE, config, async () => {
    throw new Error('no secrets here');
  });
}

/** Waits until something is so, at most 5 s. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error('it never was so');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
