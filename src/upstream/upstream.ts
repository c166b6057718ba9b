import { Agent } from 'undici';
import { egressAllowSet } from './egress-guard.ts';
import { execute, type UpstreamAccess } from './execute.ts';
import { guardedConnector, type Lookup } from './guarded-connect.ts';
import { notSent, type UpstreamCall, type UpstreamOutcome } from './outcome.ts';

export type UpstreamOptions = {
  /** Exceptions of the egress guard: exact `host:port` entries, see `parseEgressAllow`. */
  readonly allow: readonly string[];
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

/** The one way out of the gateway. */
export type Upstream = {
  /** Executes a decided call; never rejects. */
  execute(call: UpstreamCall): Promise<UpstreamOutcome>;
  /** Waits for running calls, at most `graceMs` (default 5,000), then cuts what is left (`unknown`). */
  close(graceMs?: number): Promise<void>;
};

/**
 * Opens the way to upstream systems: one pool of guarded keep-alive connections.
 * @throws RangeError if an exception is not a valid `host:port`.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const allow = egressAllowSet(options.allow);
  const keepAliveTimeout = options.keepAliveMs ?? 4000;
  const agent = new Agent({
    connect: guardedConnector({ allow, connectTimeoutMs: options.connectTimeoutMs ?? 5000, lookup: options.lookup }),
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
  const access: UpstreamAccess = {
    dispatcher: agent,
    allow,
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    bases: new Map(),
    plans: new WeakMap(),
  };
  // Counted here rather than left to agent.close(): undici's agent forgets its pools when it closes, and could
  // not cut them any more when the grace is over.
  let running = 0;
  let closing = false;
  let onIdle: (() => void) | null = null;
  return {
    async execute(call) {
      if (closing) return notSent('cancelled_before_send', 'The gateway is shutting down. Nothing was sent.');
      running += 1;
      const outcome = await execute(access, call);
      running -= 1;
      if (running === 0) onIdle?.();
      return outcome;
    },
    async close(graceMs = 5000) {
      closing = true;
      let timer: NodeJS.Timeout | undefined;
      if (running > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
          timer = setTimeout(resolve, graceMs);
        });
      }
      clearTimeout(timer);
      await agent.destroy();
    },
  };
}
