import type { z } from 'zod';
import type { EgressExceptions } from './egress-exceptions.ts';
import type { Form, Refused, Sending, UpstreamOutcome, UpstreamRequest } from './outcome.ts';
import type { Readied } from './prepared.ts';
import type { Ways } from './ways.ts';

/** A call in words, for the people who decide about it. */
export type CallDescription = {
  /** Such as `POST to api.example.com/v1/refunds`. */
  readonly sentence: string;
  /** The parts of the sentence by name, such as `host`. */
  readonly details: Readonly<Record<string, string>>;
  /** Where the request would go, with its arguments filled in; null where nothing is sent or the place is not known. */
  readonly destination: { readonly method: string; readonly url: string } | null;
};

/** A request that is sent to see whether there is somebody; `by` is the kind that sends it, where that is another. */
export type Probe = Readied<unknown> & { readonly by?: string };

/** A destination that the egress guard refuses. `message` may say what an operator would set. */
export type TargetFault = { readonly member: string; readonly message: string };

/** Which arguments a tool has a place for. */
export type Takes = {
  /** No call without these can be sent. */
  readonly needed: readonly string[];
  /** Beside the needed ones: any argument, or these alone. */
  readonly others: 'any' | readonly string[];
};

/**
 * A kind of connector and of the tools that go through it. One folder below `kinds/`, one line in `kinds.ts`.
 * `Handler` and `Connector` are the configs as their schemas give them; `Request` is the kind's own.
 */
export type Kind<Handler = object, Connector = object, Request = unknown> = {
  /** A tool's `handler_config`. Unknown keys are refused. */
  readonly handlerConfig: z.ZodType<Handler>;
  /** A connector's `config`. Unknown keys are refused. */
  readonly connectorConfig: z.ZodType<Connector>;
  /** What its results are beside being JSON. */
  readonly form?: Form;
  /** Whether its tools come from an import alone: their definitions are then not edited by hand. */
  readonly isImported?: true;
  /** The kinds of connector that a tool of this kind may have, and whether it must have one. */
  readonly connectors: { readonly kinds: readonly string[]; readonly required: boolean };
  takes(handler: Handler): Takes;
  /**
   * Why a tool and a connector of fitting kinds do not go together, and in which member of the tool's config that stands: what
   * an argument says would never be sent. Null where they do; left out where they always do.
   */
  clash?(handler: Handler, connector: Connector): { readonly member: string; readonly message: string } | null;
  /**
   * Which of the caller's headers `Mcp-Param-…` does not say what the arguments do; left out where tools of this kind
   * have no argument that callers repeat so.
   */
  disagreeing?(handler: Handler, args: unknown, headers: ReadonlyMap<string, string>): string | undefined;
  /** Why a workspace may not reach where a connector leads, and in which member of its config that stands; null if it may. */
  refuseTarget(connector: Connector, tenantId: string, exceptions: EgressExceptions): TargetFault | null;
  /** The host that secrets of calls through a connector go to; null where it leads nowhere. */
  hostOf(connector: Connector): string | null;
  /** Where a connector leads, in a few words. */
  describeConnector(connector: Connector): string;
  /** `connector` and `args` are left out where they are not known. */
  describe(handler: Handler, connector: Connector | null, args?: Readonly<Record<string, unknown>>): CallDescription;
  /** All that can be known about the request before it is sent. Pure: the same answer for the same input, no I/O. */
  prepare(
    handler: Handler,
    connector: Connector | null,
    request: UpstreamRequest,
    exceptions: EgressExceptions,
  ): Readied<Request> | Refused;
  /**
   * A request that shows whether a connector leads anywhere, and changes nothing there; left out where there is nothing to
   * ask. It is sent by {@link execute}.
   */
  probe?(connector: Connector, tenantId: string, exceptions: EgressExceptions): Probe | Refused;
  /** Sends what was prepared. Never rejects, and never repeats what may have been sent, but
   * for tools that are marked idempotent. */
  execute(
    ways: Ways,
    prepared: Readied<Request>,
    sending: Required<Pick<Sending, 'executionId' | 'timeoutMs'>> &
      Pick<Sending, 'caller' | 'signal' | 'secrets' | 'onProgress' | 'relay'>,
  ): Promise<UpstreamOutcome>;
};
