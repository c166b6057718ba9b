import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Hono } from 'hono';
import { type Answer, type Call, type Denied, newCall } from '../../gateway/call.ts';
import type { Progress } from '../../gateway/progress.ts';
import { originOf } from '../../identity/client-address.ts';
import { deny, isRefused, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { canonicalize } from '../../kernel/jcs.ts';
import { formatPath } from '../../kernel/json-path.ts';
import { isJsonObject, type JsonValue } from '../../kernel/strict-json.ts';
import { readWireObject } from '../../kernel/wire-object.ts';
import type { Take } from '../../limits/rate-limiter.ts';
import type { App } from '../app.ts';
import { BODY_MAX_BYTES, isJson, readBytes } from '../body.ts';
import { type Env, faultWire, requestInfo, workspaceId } from '../mount.ts';
import { problemResponse, problemWire } from '../problems.ts';
import type { Received } from '../received.ts';
import { StrangersBudget } from '../strangers.ts';
import { dropBody } from '../unread-body.ts';
import { sendWire, type Wire } from '../wire.ts';

const WAIT_MAX_SECONDS = 60;

/** A body up to this size is read as it comes. */
const SMALL_BODY_BYTES = 16 * 1024;
/**
 * What larger bodies under way may take up together, and those of one token: its limit counts calls, and a body that does
 * not end never becomes one.
 */
const largeBodies = new StrangersBudget(256 * 1024 * 1024, 32 * 1024 * 1024);
const TOO_MANY_BODIES = 'Too many large bodies of this token are under way. Send fewer at a time.';

export const GATEWAY_PATH = '/api/agent/gateway';

/**
 * What an agent may do. The gateway's own paths are not declared like other routes: an agent has no role, and who
 * it is, what its bytes say and whether it may are the dispatcher's to decide, in that order.
 */
export function mountGateway(hono: Hono<Env>, app: App): void {
  hono.get(GATEWAY_PATH, (c) => status(app, c));
}

async function status(app: App, c: Context<Env>): Promise<Response> {
  const requestId = c.get('requestId');
  const headers = { 'x-request-id': requestId, 'cache-control': 'no-store' };
  const client = await app.gateway.identify(c.req.header('authorization') ?? null, requestInfo(app, c).ip);
  if (isRefused(client)) {
    return problemResponse(client, requestId, { deny_by_default: true }, { 'cache-control': 'no-store' });
  }
  const said = await app.gateway.status(client);
  if (isRefused(said))
    return problemResponse(said, requestId, { deny_by_default: true }, { 'cache-control': 'no-store' });
  const { workspace, ...rest } = said;
  const body = {
    status: 'ok',
    deny_by_default: true,
    workspace: { id: workspaceId(client.tenantId), ...workspace },
    ...rest,
  };
  return Response.json(body, { headers });
}

/** Serves `POST /api/agent/gateway`, every governed call's door over REST. Never rejects. */
export async function serveDispatch(
  app: App,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  received: Received,
): Promise<void> {
  try {
    sendWire(outgoing, await dispatch(app, incoming, outgoing, received));
  } catch (fault) {
    sendWire(outgoing, faultWire(app, fault, received.requestId));
  }
  if (!incoming.readableEnded) dropBody(incoming);
}

async function dispatch(
  app: App,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { requestId, traceId }: Received,
): Promise<Wire> {
  const { ip } = originOf(incoming, app.settings.COUNTERSIGN_TRUSTED_PROXIES);
  // Before anything of the body is kept: whoever has no token that was ever given out is told so at once.
  const credential = app.gateway.credentialOf(incoming.headers.authorization ?? null);
  const asked = app.gateway.knows(credential, ip);
  const known = asked instanceof Promise ? await asked : asked;
  if (known !== true) return problemWire(known, requestId);
  const size = sizeSaid(incoming);
  const giveBack = size > SMALL_BODY_BYTES ? largeBodies.take(credential.sha256!, size) : NOTHING_TAKEN;
  if (giveBack === undefined) {
    return problemWire({ ...problem('too_many_requests', TOO_MANY_BODIES), retryAfterSeconds: 1 }, requestId);
  }
  const read = await readRequest(incoming).finally(giveBack);
  const idempotencyKey = incoming.headers['idempotency-key'] as string | undefined;
  const call = newCall({
    via: 'rest',
    credential,
    ...(ip !== '' && { ip }),
    requestId,
    ...(traceId !== undefined && { traceId }),
    ...read,
    ...(idempotencyKey !== undefined && read.unreadable === undefined && idempotency(idempotencyKey, read)),
  });
  const progress: Progress = {};
  const waitMs = waitSeconds(incoming.headers.prefer) * 1000;
  const answer = await app.gateway.dispatch(
    call,
    waitMs > 0 ? { waitMs, gone: whenGone(app, outgoing), progress } : { progress },
  );
  return answerWire(answer, requestId, progress.rate);
}

const NOTHING_TAKEN = (): void => {};

/** How much of a body may have to be kept: what its length says, or all that is ever read of one. */
function sizeSaid({ headers }: IncomingMessage): number {
  const said = headers['content-length'];
  if (said !== undefined) return Math.min(Number(said), BODY_MAX_BYTES);
  return headers['transfer-encoding'] === undefined ? 0 : BODY_MAX_BYTES;
}

/** Aborted when the caller hangs up or the process begins to stop. */
function whenGone(app: App, outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, app.closing]);
}

type ReadCall = Pick<Call, 'toolName' | 'executeOnApproval'> &
  Partial<Pick<Call, 'arguments' | 'argumentsCanonical' | 'approvalId'>> & { readonly unreadable?: undefined };
type Unreadable = { readonly unreadable: NonNullable<Call['unreadable']> };

const unreadable = (detail: string): Unreadable => ({ unreadable: { code: 'invalid_payload', detail } });

/** What the request asks for, or why it cannot be read. Whose it is decides whether that is worth an entry. */
async function readRequest(incoming: IncomingMessage): Promise<ReadCall | Unreadable> {
  if (!isJson(incoming)) return { unreadable: { code: 'unsupported_media_type' } };
  const bytes = await readBytes(incoming);
  if (Buffer.isBuffer(bytes)) return readCall(bytes);
  return bytes.code === 'payload_too_large' ? { unreadable: { code: bytes.code } } : unreadable(bytes.detail);
}

const KNOWN = new Set(['tool', 'arguments', 'approval_id', 'execute_on_approval']);

/** The call in the wire bytes, or what is wrong with them and where. */
export function readCall(bytes: Uint8Array): ReadCall | Unreadable {
  const read = readWireObject(bytes);
  if (!read.ok) return unreadable(`${read.reason} at ${read.path}`);
  const { value } = read;
  for (const name of Object.keys(value)) {
    if (!KNOWN.has(name))
      return unreadable(`unknown field at ${formatPath([name])}; the fields are ${[...KNOWN].join(', ')}`);
  }
  const { tool, arguments: args = {}, approval_id: approvalId, execute_on_approval: executeOnApproval = false } = value;
  if (!isName(tool)) return unreadable('tool must be the name of a tool, at most 128 characters, at $.tool');
  if (!isJsonObject(args)) return unreadable('arguments must be a JSON object at $.arguments');
  if (approvalId !== undefined && !isName(approvalId))
    return unreadable("approval_id must be an approval's id, at most 128 characters, at $.approval_id");
  if (typeof executeOnApproval !== 'boolean')
    return unreadable('execute_on_approval must be true or false at $.execute_on_approval');
  const canonical = read.canonical('arguments');
  return {
    toolName: tool,
    ...(canonical !== undefined && { arguments: args, argumentsCanonical: canonical }),
    ...(approvalId !== undefined && { approvalId }),
    executeOnApproval,
  };
}

/** What names something is kept with the call, also when it names nothing: short, and without control characters. */
function isName(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^\P{Cc}{1,128}$/u.test(value);
}

const NO_ARGUMENTS = Buffer.from('{}');

/** A key that cannot be one makes the whole call unreadable: honouring it silently would break its promise. */
function idempotency(key: string, read: ReadCall): Partial<Call> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) return unreadable('Idempotency-Key must be 1 to 255 visible ASCII characters');
  const { toolName, argumentsCanonical = NO_ARGUMENTS, executeOnApproval, approvalId } = read;
  const asked = canonicalize({ toolName, executeOnApproval, approvalId: approvalId ?? null });
  return {
    idempotencyKey: key,
    requestSha256: sha256Hex(Buffer.concat([Buffer.from(`${asked}\n`), argumentsCanonical])),
  };
}

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 60. */
function waitSeconds(prefer: string | string[] | undefined): number {
  const match = /(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/.exec(String(prefer ?? ''));
  return match ? Math.min(Number(match[1]), WAIT_MAX_SECONDS) : 0;
}

/** How a governed call's answer looks on the wire. */
export function answerWire(answer: Answer, requestId: string, rate?: Take): Wire {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-request-id': requestId,
    ...rateHeaders(rate),
  };
  switch (answer.kind) {
    case 'executed':
      return { status: 200, headers, body: settled('executed', answer.executionId, 'result', answer.result) };
    case 'failed':
      return { status: 200, headers, body: settled('failed', answer.executionId, 'error', answer.error) };
    case 'pending':
      return {
        status: 202,
        headers: { ...headers, location: `/v1/approvals/${answer.approvalId}` },
        body: JSON.stringify({
          status: 'pending_approval',
          execution_id: answer.executionId,
          approval_id: answer.approvalId,
          payload_sha256: answer.payloadSha256,
          policy: answer.policy,
          expires_at: answer.expiresAt.toISOString(),
        }),
      };
    case 'deny':
      return problemWire(
        answer.code === 'token_revoked' ? deny('unauthenticated') : answer,
        requestId,
        // Whoever has no valid token learns nothing, not even that something was recorded.
        answer.step === 'authenticate' ? {} : aboutDenial(answer),
        rateHeaders(rate),
      );
  }
}

/** What a refusal is about. What an approver wrote is somebody else's text, and marked so: it is no instruction. */
function aboutDenial({ executionId, approvalId, approverReason }: Denied): Record<string, unknown> {
  return {
    ...(executionId !== undefined && { execution_id: executionId }),
    ...(approvalId !== undefined && { approval_id: approvalId }),
    ...(approverReason !== undefined && { approver_reason: { text: approverReason, untrusted: true } }),
  };
}

/** The result is text already, and may be long. */
function settled(status: string, executionId: string, part: 'result' | 'error', text: string): string {
  return `{"status":"${status}","execution_id":"${executionId}","${part}":${text}}`;
}

/** draft-ietf-httpapi-ratelimit-headers: the policy, what is left of it, and when more comes. */
function rateHeaders(rate: Take | undefined): Record<string, string> {
  if (rate === undefined || rate.limitPerMinute === 0) return {};
  return {
    'ratelimit-policy': `"per-minute";q=${rate.limitPerMinute};w=60`,
    ratelimit: `"per-minute";r=${rate.remaining};t=${rate.allowed ? 60 : rate.retryAfterSeconds}`,
  };
}
