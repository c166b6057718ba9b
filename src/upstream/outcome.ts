import type { RefusalCode } from '../kernel/codes.ts';

/** One call to an upstream system, with everything decided: only the sending is left. */
export type UpstreamCall = {
  readonly handlerKind: 'http' | 'noop';
  /** Of the schema of its kind, see `handlerConfig` in http-config.ts. */
  readonly handlerConfig: unknown;
  readonly connector: { readonly kind: string; readonly config: { readonly base_url: string } } | null;
  /** The pinned RFC 8785 bytes of the arguments; sent as they are wherever the arguments are the body. */
  readonly argumentsCanonical: Uint8Array;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Sent as `Idempotency-Key`. */
  readonly executionId: string;
  /** From now to the last byte of the answer, name lookup and connecting included. The handler's own
   * `timeout_ms` holds if it is shorter. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** A remark on a result that is not simply the upstream's JSON. */
export type ContentNote = 'truncated' | 'invalid_json' | 'undecodable';

/** Why a call failed. Every code but the last two means: no byte of the request left. */
export type FailureCode =
  | 'dns_failed'
  | 'connect_failed'
  | 'tls_failed'
  | 'timeout_before_send'
  | 'cancelled_before_send'
  | 'invalid_configuration'
  | 'redirect_refused'
  | 'upstream_error';

/**
 * How a call ended.
 * - `executed`: a complete 2xx answer. `result` is its JSON value, or `null` if it was empty, or an object
 *   `{text | base64, content_type, …}` for anything else; `note` says if something is wrong with it.
 * - `failed`: the upstream answered completely with another status, or certainly nothing was sent.
 * - `refused`: nothing was sent, because the egress guard or the arguments forbade it.
 * - `unknown`: bytes may have reached the upstream and no complete answer came back. Never retry blindly.
 */
export type UpstreamOutcome =
  | {
      readonly kind: 'executed';
      readonly result: unknown;
      readonly httpStatus?: number;
      readonly note?: ContentNote;
    }
  | {
      readonly kind: 'failed';
      readonly error: {
        readonly code: FailureCode;
        readonly message: string;
        readonly http_status?: number;
        readonly body?: unknown;
      };
    }
  | {
      readonly kind: 'refused';
      readonly code: Extract<RefusalCode, 'egress_blocked' | 'invalid_arguments'>;
      readonly detail: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Shorthand for a failure before anything was sent. */
export function notSent(code: FailureCode, message: string): UpstreamOutcome {
  return { kind: 'failed', error: { code, message } };
}
