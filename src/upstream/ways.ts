import { Agent, type Dispatcher } from 'undici';
import type { EgressExceptions } from './egress-exceptions.ts';
import { guardedConnector, type Lookup } from './guarded-connect.ts';
import { type ConnectGuarded, guardedSockets } from './guarded-socket.ts';

export type WaysOptions = {
  /** Most bytes read of one answer, and most bytes it may decompress to. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Longest wait for a name lookup, TCP and TLS together. Default 5,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Most connections to one origin; further calls wait for one, within their own time. Default 256. */
  readonly connectionsPerOrigin?: number;
  /** How long an idle connection is kept. Default 4,000 ms: shorter than common servers keep theirs. */
  readonly keepAliveMs?: number;
  /** Replaces `dns.lookup`. */
  readonly lookup?: Lookup;
};

/**
 * The ways out. Connections are kept and used again, so those made under an exception of the egress guard are kept
 * apart: a call without one must not find such a connection open.
 */
export type Ways = {
  /** Reaches public destinations only. */
  readonly guarded: Dispatcher;
  /** For calls whose workspace has an exception for exactly their destination. */
  readonly excepted: Dispatcher;
  /** Who has which exception. */
  readonly exceptions: EgressExceptions;
  readonly maxBodyBytes: number;
  /** A connection for what is not HTTP. */
  readonly connect: ConnectGuarded;
};

/** Opens both ways; `close` cuts whatever is open. */
export function openWays(
  exceptions: EgressExceptions,
  options: WaysOptions,
): { readonly ways: Ways; close(): Promise<void> } {
  const guarded = agentOf(() => false, options);
  const excepted = agentOf((hostname, port) => exceptions.any.has(`${hostname}:${port}`), options);
  return {
    ways: {
      guarded,
      excepted,
      exceptions,
      maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
      connect: guardedSockets(options.lookup),
    },
    async close() {
      await Promise.all([guarded.destroy(), excepted.destroy()]);
    },
  };
}

function agentOf(lifts: (hostname: string, port: number) => boolean, options: WaysOptions): Agent {
  const keepAliveTimeout = options.keepAliveMs ?? 4000;
  return new Agent({
    connect: guardedConnector({ lifts, connectTimeoutMs: options.connectTimeoutMs ?? 5000, lookup: options.lookup }),
    connections: options.connectionsPerOrigin ?? 256,
    allowH2: false,
    // One request a connection at a time: a broken connection then takes down one call, and undici has no
    // written request that it could put back into its queue.
    pipelining: 1,
    keepAliveTimeout,
    // A server's own Keep-Alive hint may shorten the idle time, never lengthen it.
    keepAliveMaxTimeout: keepAliveTimeout,
    maxHeaderSize: 16 * 1024,
  });
}
