import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { Sending, UpstreamOutcome, UpstreamRequest } from './outcome.ts';
import { createUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

/** A server on a free loopback port. */
export type Loopback = { readonly port: number; readonly connections: () => number; close(): Promise<void> };

/** Starts a real HTTP server. */
export async function serveHttp(listener: RequestListener, keepAliveTimeout = 60_000): Promise<Loopback> {
  return serve(createServer({ keepAliveTimeout }, listener));
}

/** Starts a server that does with each connection what `onSocket` says. */
export async function serveTcp(onSocket: (socket: Socket) => void): Promise<Loopback> {
  return serve(createTcpServer({ noDelay: true }, onSocket));
}

async function serve(server: ReturnType<typeof createTcpServer>): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The workspace of the calls that {@link callTo} makes. */
export const TENANT = '01900000-0000-7000-8000-000000000001';

/** An outcome with its JSON texts read, for whoever compares values. */
export function read(outcome: UpstreamOutcome): unknown {
  if (outcome.kind === 'executed') return { ...outcome, result: JSON.parse(outcome.result) };
  if (outcome.kind !== 'failed') return outcome;
  return { kind: 'failed', error: JSON.parse(outcome.error) };
}

/** What is asked of an upstream, and how it is sent. */
export type UpstreamCall = UpstreamRequest & Sending;

/** Prepares a call and sends it, as the dispatcher does. */
export async function sendVia(upstream: Upstream, call: UpstreamCall): Promise<UpstreamOutcome> {
  const prepared = upstream.prepare(call);
  return prepared.kind === 'refused' ? prepared : upstream.execute(prepared, call);
}

/** A call as the dispatcher makes it: `POST /x` with `args` unless `config` says otherwise. */
export function callTo(base_url: string, config: object = {}, args: Record<string, unknown> = {}): UpstreamCall {
  return {
    tenantId: TENANT,
    toolName: 'x.post',
    handlerKind: 'http',
    handlerConfig: { method: 'POST', path: '/x', ...config },
    connector: { kind: 'http', config: { base_url } },
    argumentsCanonical: Buffer.from(JSON.stringify(args)),
    arguments: Object.freeze({ ...args }),
    executionId: 'exe_01test',
    timeoutMs: 10_000,
  };
}

/** Makes one call to a loopback port with an exception for it, closes everything, gives the outcome as read. */
export async function callOnce(...given: Parameters<typeof outcomeOnce>): Promise<unknown> {
  return read(await outcomeOnce(...given));
}

/** The same with the outcome as it is. */
export async function outcomeOnce(
  { port }: Pick<Loopback, 'port'>,
  config: object = {},
  options: Partial<UpstreamOptions> = {},
  change: Partial<UpstreamCall> = {},
): Promise<UpstreamOutcome> {
  const upstream = createUpstream({ allow: [`127.0.0.1:${port}`], ...options });
  try {
    return await sendVia(upstream, { ...callTo(`http://127.0.0.1:${port}`, config), ...change });
  } finally {
    await upstream.close(0);
  }
}
