import type { RefusalCode } from '../kernel/codes.ts';
import type { UsedSecrets } from './secrets/used.ts';

/** What a tool is, as far as it leads outside. Configs are of the schemas of their kinds, see `kinds.ts`. */
export type ToolRoute = {
  readonly handlerKind: string;
  readonly handlerConfig: unknown;
  /** `id` where its row is known. */
  readonly connector: { readonly id?: string; readonly kind: string; readonly config: unknown } | null;
};

/** What is asked of an upstream: everything that can be known before it is sent. */
export type UpstreamRequest = ToolRoute & {
  /** What the tool is called here. */
  readonly toolName: string;
  /** Whose call it is: the egress guard's exceptions are a workspace's own. */
  readonly tenantId: string;
  /** The pinned RFC 8785 bytes of the arguments; sent as they are wherever the arguments are the body. */
  readonly argumentsCanonical: Uint8Array;
  readonly arguments: Readonly<Record<string, unknown>>;
};

/** How a prepared request is sent. */
export type Sending = {
  /** Sent as `Idempotency-Key`. */
  readonly executionId: string;
  /** From now to the last byte of the answer, name lookup and connecting included. The tool's own time-out holds if
   * it is shorter. */
  readonly timeoutMs?: number;
  /** Who makes the call: what an upstream is told by one caller is not known to it of another. */
  readonly caller?: string | undefined;
  /** The values of the secrets that the request names. Without all of them nothing is sent. */
  readonly secrets?: UsedSecrets | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Is told what the upstream says while the call runs: texts of somebody else, and few enough to be passed on. */
  readonly onProgress?: OnProgress | undefined;
  /** The way back to whoever makes the call, for what the upstream asks in the middle of it. */
  readonly relay?: Relay | undefined;
};

/** What an upstream may ask of whoever makes a call: their model, their person, their folders. */
export const INPUT_KINDS = ['sampling', 'elicitation', 'roots'] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** One thing that an upstream asks. Texts of somebody else. */
export type InputRequest = { readonly method: string; readonly params: Readonly<Record<string, unknown>> };
/** What was said to it, as JSON text. */
export type InputAnswer = { readonly method: string; readonly answer: JsonText };

/** What a caller can be asked in the middle of its call, and how. */
export type CallerInput = {
  readonly offers: readonly InputKind[];
  /** An answer that asks for something may be handed to the caller, who makes the call again with what it says. */
  readonly returns: boolean;
  /** What it says when it makes a call again: the answers by their keys as the text of an object, and the upstream's own state. */
  readonly given?: { readonly answers: JsonText | undefined; readonly state: string | undefined } | undefined;
  /** Asks it while the call runs; undefined where it gives no answer. Never rejects. */
  ask?(asked: InputRequest): Promise<JsonText | undefined>;
};

/** The same for whoever sends the call. */
export type Relay = CallerInput & {
  /** What the tool is called here: people are told whose server asks. */
  readonly tool: string;
  /** Writes down what the upstream is about to be given. Where it says no, nothing may be given. Never rejects. */
  record(given: readonly InputAnswer[]): Promise<boolean>;
};

/** What an upstream says of a call that runs: a notification of MCP without its progress token. */
export type UpstreamNotice =
  | {
      readonly method: 'notifications/progress';
      readonly params: { readonly progress: number; readonly total?: number; readonly message?: string };
    }
  | {
      readonly method: 'notifications/message';
      readonly params: { readonly level: string; readonly logger?: string; readonly data: unknown };
    };
export type OnProgress = (notice: UpstreamNotice) => void;

/** A JSON text (RFC 8259), complete and valid, nested at most 64 deep. */
export type JsonText = string;

/**
 * What a result is beside being JSON: `mcp` is the `CallToolResult` of an MCP server, as it came; of a failed call it is
 * the member `body` of its error, where that has one.
 */
export type Form = 'mcp';

/** A remark on a result that is not simply the upstream's JSON. */
export type ContentNote = 'truncated' | 'invalid_json' | 'undecodable';

/** Why a call failed. Every code but the last two means: no byte of the request left. */
export type FailureCode =
  | 'dns_failed'
  | 'connect_failed'
  | 'tls_failed'
  | 'timeout_before_send'
  | 'cancelled_before_send'
  | 'redirect_refused'
  | 'upstream_error';

/** A request that will not be sent. `detail` is safe to show to a caller. */
export type Refused = {
  readonly kind: 'refused';
  readonly code: Extract<RefusalCode, 'egress_blocked' | 'invalid_arguments' | 'definition_drift'>;
  readonly detail: string;
};

/**
 * How a call ended.
 * - `executed`: a complete 2xx answer. `result` is its JSON text as it came, `null` if it was empty, or an object
 *   `{text | base64, content_type, …}` for anything else; `note` says if something is wrong with it.
 * - `failed`: the upstream answered completely with another status, or certainly nothing was sent. `error` is
 *   `{code, message, http_status?, body?}`, with the body as a result would be.
 * - `refused`: nothing was sent, because the egress guard or the arguments forbade it.
 * - `unknown`: bytes may have reached the upstream and no complete answer came back. Never retry blindly.
 */
export type UpstreamOutcome =
  | {
      readonly kind: 'executed';
      readonly result: JsonText;
      readonly httpStatus?: number;
      readonly note?: ContentNote;
      readonly form?: Form;
    }
  | {
      readonly kind: 'failed';
      readonly code: FailureCode;
      readonly message: string;
      readonly error: JsonText;
      readonly httpStatus?: number;
      readonly form?: Form;
    }
  | Refused
  | { readonly kind: 'unknown'; readonly reason: string };

/** How a call ended that has no answer of the upstream's saying yes. */
export type Unanswered = Exclude<UpstreamOutcome, { kind: 'executed' }>;

/** A failed call; without `answer` nothing of it was sent. */
export function failed(
  code: FailureCode,
  message: string,
  answer?: { readonly httpStatus: number; readonly body?: JsonText },
): Extract<UpstreamOutcome, { kind: 'failed' }> {
  const said = JSON.stringify({ code, message, ...(answer && { http_status: answer.httpStatus }) });
  // The body goes in as it came: reading and writing it again would change it.
  const error = answer?.body === undefined ? said : `${said.slice(0, -1)},"body":${answer.body}}`;
  return { kind: 'failed', code, message, error, ...(answer && { httpStatus: answer.httpStatus }) };
}

/** Shorthand for a request that will not be sent. */
export function refused(code: Refused['code'], detail: string): Refused {
  return { kind: 'refused', code, detail };
}
