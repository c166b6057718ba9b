import { egressExceptions } from './egress-exceptions.ts';
import { type Asked, type Fetched, fetchGuarded } from './fetch-guarded.ts';
import { type Discovered, discover } from './kinds/mcp/discover.ts';
import type { Whose } from './kinds/mcp/peers.ts';
import type { StdioAllowance } from './kinds/mcp/stdio/allow.ts';
import { KINDS } from './kinds.ts';
import {
  failed,
  type Refused,
  refused,
  type Sending,
  type Unanswered,
  type UpstreamOutcome,
  type UpstreamRequest,
} from './outcome.ts';
import { prepare, probe } from './prepare.ts';
import type { NeededSecrets, Prepared } from './prepared.ts';
import { scrubOutcome } from './secrets/scrub-outcome.ts';
import type { UsedSecrets } from './secrets/used.ts';
import { openWays, type WaysOptions } from './ways.ts';

export type UpstreamOptions = WaysOptions & {
  /** Exceptions of the egress guard: `host:port` or `org_…@host:port` entries, see `parseEgressAllow`. */
  readonly allow: readonly string[];
  /** The commands that connectors may start on this machine, see `parseStdioAllow`. */
  readonly stdioAllow?: readonly StdioAllowance[];
};

/** The one way out of the gateway. */
export type Upstream = {
  /** Works out what a call would send, or why nothing can be sent. No I/O; never throws. */
  prepare(request: UpstreamRequest): Prepared | Refused;
  /** A request that shows whether a connector leads anywhere; null where there is nobody to ask. */
  probe(connector: {
    readonly tenantId: string;
    readonly kind: string;
    readonly config: unknown;
  }): Prepared | Refused | null;
  /** Sends what was prepared; never rejects. */
  execute(prepared: Prepared, sending: Sending): Promise<UpstreamOutcome>;
  /** The MCP servers behind connectors. */
  readonly servers: {
    /** What a connector's server has; `open` gives the secrets that reaching it needs. Never rejects. */
    discover(
      whose: Whose,
      config: unknown,
      open: (needed: NeededSecrets) => Promise<UsedSecrets | Unanswered>,
    ): Promise<Discovered | UpstreamOutcome>;
    /** Whose servers are met at present: sessions and processes that go on between calls. */
    whose(): Whose[];
    /** Somebody of a workspace still wants to know when a resource changes. */
    keepWatching(tenantId: string, uri: string): void;
    /** Ends what a connector has open. */
    forget(whose: Whose): Promise<void>;
  };
  /** Sends one request that is no call of a tool, see {@link fetchGuarded}; never rejects. */
  fetchGuarded(asked: Asked): Promise<Fetched | Unanswered>;
  /** Waits for running calls, at most `graceMs` (default 5,000), then cuts what is left (`unknown`). */
  close(graceMs?: number): Promise<void>;
};

/**
 * Opens the ways to upstream systems.
 * @throws RangeError if an exception is not valid.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const exceptions = egressExceptions(options.allow, options.stdioAllow);
  const { ways, close } = openWays(exceptions, options);
  // Counted here rather than left to agent.close(): undici's agent forgets its pools when it closes, and could
  // not cut them any more when the grace is over.
  let running = 0;
  let closing = false;
  let onIdle: (() => void) | null = null;

  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      if (running === 0) onIdle?.();
    }
  };

  return {
    prepare: (request) => prepare(request, exceptions),
    probe: (connector) => probe(connector, exceptions),
    async execute(prepared, { executionId, caller, timeoutMs = Infinity, signal, secrets, onProgress, relay }) {
      if (prepared.secrets !== undefined && secrets === undefined) {
        return refused('egress_blocked', 'The request names secrets, and has none of them.');
      }
      if (closing) return CLOSING;
      return counted(async () => {
        const outcome = await KINDS[prepared.handlerKind]!.execute(ways, prepared, {
          executionId,
          caller,
          timeoutMs: Math.min(timeoutMs, prepared.timeoutMs),
          signal,
          secrets,
          onProgress,
          relay,
        });
        return secrets === undefined ? outcome : scrubOutcome(outcome, secrets.scrubber);
      });
    },
    servers: {
      discover: (whose, config, open) => discover(ways, exceptions, whose, config, open),
      whose: () => ways.mcp.whose(),
      keepWatching: (tenantId, uri) => ways.mcp.keepWatching(tenantId, uri),
      forget: (whose) => ways.mcp.forget(whose),
    },
    fetchGuarded: async (asked) => (closing ? CLOSING : counted(() => fetchGuarded(ways, asked))),
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
      await close();
    },
  };
}

const CLOSING = failed('cancelled_before_send', 'The gateway is shutting down. Nothing was sent.');
