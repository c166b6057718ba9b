import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SeededWorkspace } from './gate/seed.ts';
import { AUTO_TOOL } from './gate/seed.ts';
import { requestBytes } from './load/http-connection.ts';
import { createDatabase } from './measure/database.ts';
import { type PostgresCpu, postgresCpu } from './measure/postgres-cpu.ts';
import { drained } from './measure/readiness.ts';
import { payload } from './payload.ts';
import { startProcess } from './processes/channel.ts';
import type { GateVerbs } from './processes/gate.ts';
import type { McpProxyVerbs } from './processes/mcp-proxy.ts';
import type { Used } from './processes/meter.ts';
import type { ProxyVerbs } from './processes/proxy.ts';
import type { UpstreamVerbs } from './processes/upstream.ts';

/** One of the things that are compared: something on a port that answers calls. */
export type Contestant = {
  readonly name: string;
  readonly port: number;
  /** The requests of a run, taken in turn. */
  readonly requests: readonly Uint8Array[];
  readonly meter: { begin(): Promise<void>; end(): Promise<Used> };
  /** The CPU of the database behind it, where that is a process of its own and can be read. */
  readonly databaseCpu?: PostgresCpu | undefined;
  /** Whether answers are governed, and so have a sequencer behind them. */
  readonly governed: boolean;
  stop(): Promise<void>;
};

/** The gate, with what other scenarios need of it. */
export type GateContestant = Contestant & {
  readonly engine: 'postgres' | 'embedded';
  readonly workspaces: readonly SeededWorkspace[];
  readonly approver: { readonly email: string; readonly password: string };
  readonly profile: { start(): Promise<void>; stop: GateVerbs['stopProfile'] };
};

const ARGUMENTS = payload();

export async function startUpstream(): Promise<Contestant> {
  const process = startProcess<UpstreamVerbs>('upstream');
  const port = await process.call.listen();
  const requests = [requestBytes('POST', '/echo', {}, JSON.stringify(ARGUMENTS))];
  return { name: 'upstream stub, direct', port, requests, meter: process.call, governed: false, stop: process.stop };
}

export async function startProxy(upstreamPort: number): Promise<Contestant> {
  const process = startProcess<ProxyVerbs>('proxy');
  const port = await process.call.listen({ upstreamPort });
  const requests = [requestBytes('POST', '/echo', {}, JSON.stringify(ARGUMENTS))];
  return { name: 'bare proxy', port, requests, meter: process.call, governed: false, stop: process.stop };
}

/** mcp-proxy in front of the benchmark's MCP server as a local process. */
export async function startMcpProxy(): Promise<Contestant> {
  const process = startProcess<McpProxyVerbs>('mcp-proxy');
  const port = await process.call.listen();
  const requests = [mcpCall('echo')];
  return { name: 'mcp-proxy', port, requests, meter: process.call, governed: false, stop: process.stop };
}

/** `tools/call` with the benchmark's payload, in the stateless revision. */
export function mcpCall(name: string, token?: string): Uint8Array {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: ARGUMENTS, _meta } };
  const headers = {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': name,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  return requestBytes('POST', '/mcp', headers, JSON.stringify(body));
}

/** Starts a gate on an empty database. `serverUrl` undefined: the embedded engine, on a directory in `folder`. */
export async function startGate(options: {
  readonly serverUrl: string | undefined;
  readonly redisUrl?: string | undefined;
  readonly folder: string;
  readonly upstreamPort: number;
  readonly workspaces: number;
}): Promise<GateContestant> {
  const { serverUrl, redisUrl, folder, upstreamPort, workspaces } = options;
  const database = serverUrl === undefined ? undefined : await createDatabase(serverUrl);
  const dataDir = mkdtempSync(join(folder, 'data-'));
  // scripts/bench.ts runs this process with the flags that Countersign runs with.
  const gate = startProcess<GateVerbs>('gate', process.execArgv);
  const stop = async (): Promise<void> => {
    await gate.stop();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const seeded = await gate.call.start({
      databaseUrl: database?.url,
      dataDir,
      redisUrl,
      upstreamPort,
      workspaces,
    });
    await drained(seeded.port);
    const engine = database === undefined ? 'embedded' : 'postgres';
    return {
      name: `governed, ${engine === 'postgres' ? 'PostgreSQL' : 'embedded'}${redisUrl === undefined ? '' : ' + Redis'}`,
      engine,
      port: seeded.port,
      workspaces: seeded.workspaces,
      approver: seeded.approver,
      requests: autoRequests(seeded.workspaces.slice(0, 1)),
      meter: gate.call,
      profile: { start: gate.call.startProfile, stop: gate.call.stopProfile },
      databaseCpu: database && (await postgresCpu(database.url)),
      governed: true,
      stop,
    };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** Governed calls of the tool that runs at once, one request a workspace. */
export function autoRequests(workspaces: readonly SeededWorkspace[]): Uint8Array[] {
  const body = JSON.stringify({ tool: AUTO_TOOL, arguments: ARGUMENTS });
  return workspaces.map(({ token }) => gatewayRequest(token, body));
}

export function gatewayRequest(token: string, body: string): Uint8Array {
  return requestBytes('POST', '/api/agent/gateway', { authorization: `Bearer ${token}` }, body);
}
