import { egressExceptions } from './egress-exceptions.ts';
import { type Asked, type Fetched, fetchGuarded } from './fetch-guarded.ts';
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
import type { Prepared } from './prepared.ts';
import { scrubOutcome } from './secrets/scrub-outcome.ts';
import { openWays, type WaysOptions } from './ways.ts';

export type UpstreamOptions = WaysOptions & {
  /** Exceptions of the egress guard: `host:port` or `org_…@host:port` entries, see `parseEgressAllow`. */
  readonly allow: readonly string[];
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
  const exceptions = egressExceptions(options.allow);
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
    async execute(prepared, { executionId, timeoutMs = Infinity, signal, secrets }) {
      if (prepared.secrets !== undefined && secrets === undefined) {
        return refused('egress_blocked', 'The request names secrets, and has none of them.');
      }
      if (closing) return CLOSING;
      return counted(async () => {
        const outcome = await KINDS[prepared.handlerKind]!.execute(ways, prepared, {
          executionId,
          timeoutMs: Math.min(timeoutMs, prepared.timeoutMs),
          signal,
          secrets,
        });
        return secrets === undefined ? outcome : scrubOutcome(outcome, secrets.scrubber);
      });
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
