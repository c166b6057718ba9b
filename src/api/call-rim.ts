import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, Denied, DryRun, Token } from '../gateway/call.ts';
import { type Problem, problem } from '../kernel/codes.ts';
import { sha256Hex } from '../kernel/hash.ts';
import { canonicalBytesOf, canonicalize } from '../kernel/jcs.ts';
import type { JsonValue } from '../kernel/strict-json.ts';
import type { Take } from '../limits/rate-limiter.ts';
import type { App } from './app.ts';
import { BODY_MAX_BYTES } from './body.ts';
import { OpenStreams } from './sse/open-streams.ts';
import { StrangersBudget } from './strangers.ts';

/** What every door of clients' calls does alike, before a call is one and once it has an answer. */

const WAIT_MAX_SECONDS = 60;

/** A body up to this size is read as it comes. */
const SMALL_BODY_BYTES = 16 * 1024;
/**
 * What larger bodies under way may take up together, and those of one token: its limit counts calls, and a body that does
 * not end never becomes one.
 */
const largeBodies = new StrangersBudget(256 * 1024 * 1024, 32 * 1024 * 1024);
const TOO_MANY_BODIES = 'Too many large bodies of this token are under way. Send fewer at a time.';

const NOTHING_TAKEN = (): void => {};

/** Sets aside what the body of a known caller may take up. Call what it returns once the body is read or given up. */
export function takeBody({ sha256 }: Token, incoming: IncomingMessage): (() => void) | Problem {
  const size = sizeSaid(incoming);
  const giveBack = size > SMALL_BODY_BYTES ? largeBodies.take(sha256!, size) : NOTHING_TAKEN;
  return giveBack ?? { ...problem('too_many_requests', TOO_MANY_BODIES), retryAfterSeconds: 1 };
}

/** How much of a body may have to be kept: what its length says, or all that is ever read of one. */
function sizeSaid({ headers }: IncomingMessage): number {
  const said = headers['content-length'];
  if (said !== undefined) return Math.min(Number(said), BODY_MAX_BYTES);
  return headers['transfer-encoding'] === undefined ? 0 : BODY_MAX_BYTES;
}

/** So many requests of one token are held open on a node: each asks the store now and then. */
const WAITS_MAX_PER_TOKEN = 64;
const openWaits = new OpenStreams(WAITS_MAX_PER_TOKEN);

/**
 * Takes a place for one more request that waits for people; undefined where there is none, and it is told at once how it
 * stands. Call what it returns when it waits no longer.
 */
export function enterWait({ sha256 }: Token): (() => void) | undefined {
  return openWaits.enter(sha256!);
}

/** Aborted when the caller hangs up or the process begins to stop. */
export function whenGone(app: App, outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (outgoing.destroyed) gone.abort();
  else outgoing.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, app.closing]);
}

/** What names something is kept with the call, also when it names nothing: short, and without control characters. */
export function isName(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^\P{Cc}{1,128}$/u.test(value);
}

/** Characters of why a call is made. */
export const JUSTIFICATION_MAX = 2_000;

/** Text for people, as it may be shown: something is said, and nothing controls how it looks but breaks of lines. */
export function isJustification(value: JsonValue | undefined): value is string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > JUSTIFICATION_MAX) return false;
  return /^[\n\t\P{Cc}]*$/u.test(value);
}

/** What is wrong with a justification that is none. */
export const NO_JUSTIFICATION = `justification must be text of 1 to ${JUSTIFICATION_MAX} characters, without control characters but line breaks`;

/** What is wrong with an Idempotency-Key that is none. */
export const NO_KEY = 'Idempotency-Key must be 1 to 255 visible ASCII characters';

/** What a key stands for; undefined for one that cannot be one: honouring it silently would break its promise. */
export function idempotency(
  key: string,
  call: Pick<Call, 'toolName' | 'executeOnApproval'> &
    Partial<Pick<Call, 'argumentsCanonical' | 'approvalId' | 'justification' | 'runId' | 'onBehalfOf'>>,
): Pick<Call, 'idempotencyKey' | 'requestSha256'> | undefined {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) return undefined;
  const { toolName, argumentsCanonical = canonicalBytesOf({}), executeOnApproval, approvalId } = call;
  const { justification, runId, onBehalfOf } = call;
  const more = {
    ...(justification !== undefined && { justification }),
    ...(runId !== undefined && { runId }),
    ...(onBehalfOf !== undefined && { onBehalfOf }),
  };
  const asked = canonicalize({ toolName, executeOnApproval, approvalId: approvalId ?? null, ...more });
  return {
    idempotencyKey: key,
    requestSha256: sha256Hex(Buffer.concat([Buffer.from(`${asked}\n`), argumentsCanonical])),
  };
}

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 60. */
export function waitSeconds(prefer: string | string[] | undefined): number {
  const match = /(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/.exec(String(prefer ?? ''));
  return match ? Math.min(Number(match[1]), WAIT_MAX_SECONDS) : 0;
}

/** What a refusal is about. What an approver wrote is somebody else's text, and marked so: it is no instruction. */
export function aboutDenial({ executionId, approvalId, approverReason }: Denied): Record<string, unknown> {
  return {
    ...(executionId !== undefined && { execution_id: executionId }),
    ...(approvalId !== undefined && { approval_id: approvalId }),
    ...(approverReason !== undefined && { approver_reason: { text: approverReason, untrusted: true } }),
  };
}

/** What a dry run says: what would become of the call, under which policy, and which rule raised that. */
export function aboutDryRun({ outcome, policy, rule, ruleFault }: DryRun): Record<string, unknown> {
  const refused = typeof outcome === 'object' ? outcome : undefined;
  return {
    status: 'dry_run',
    ruling: typeof outcome === 'string' ? RULINGS[outcome] : 'refused',
    policy,
    policy_rule: rule,
    ...(ruleFault !== null && { policy_fault: ruleFault }),
    ...(refused && {
      refusal: {
        code: refused.code,
        step: refused.step,
        detail: refused.detail,
        ...(refused.remedy && { remedy: refused.remedy }),
        ...aboutDenial(refused),
      },
    }),
  };
}

const RULINGS = { go: 'execute', hold: 'approval', draft: 'draft' } as const;

/** draft-ietf-httpapi-ratelimit-headers: the policy, what is left of it, and when more comes. */
export function rateHeaders(rate: Take | undefined): Record<string, string> {
  if (rate === undefined || rate.limitPerMinute === 0) return {};
  return {
    'ratelimit-policy': `"per-minute";q=${rate.limitPerMinute};w=60`,
    ratelimit: `"per-minute";r=${rate.remaining};t=${rate.allowed ? 60 : rate.retryAfterSeconds}`,
  };
}
