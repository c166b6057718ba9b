import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Hono } from 'hono';
import { type Answer, type Call, newCall } from '../../gateway/call.ts';
import type { Progress } from '../../gateway/progress.ts';
import { originOf } from '../../identity/client-address.ts';
import { deny, isRefused } from '../../kernel/codes.ts';
import { formatPath } from '../../kernel/json-path.ts';
import { isJsonObject } from '../../kernel/strict-json.ts';
import { readWireObject } from '../../kernel/wire-object.ts';
import type { Take } from '../../limits/rate-limiter.ts';
import { ABOUT, isNotAbout, readAbout } from '../about-call.ts';
import type { App } from '../app.ts';
import { isJson, readBytes } from '../body.ts';
import {
  aboutDenial,
  aboutDryRun,
  enterWait,
  idempotency,
  isJustification,
  isName,
  NO_JUSTIFICATION,
  NO_KEY,
  rateHeaders,
  takeBody,
  waitSeconds,
  whenGone,
} from '../call-rim.ts';
import { type Env, faultWire, requestInfo, workspaceId } from '../mount.ts';
import { problemResponse, problemWire } from '../problems.ts';
import type { Received } from '../received.ts';
import { dropBody } from '../unread-body.ts';
import { sendWire, type Wire } from '../wire.ts';

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
  const { workspace, tools, ...rest } = said;
  const body = {
    status: 'ok',
    deny_by_default: true,
    workspace: { id: workspaceId(client.tenantId), ...workspace },
    ...rest,
    tools: tools.map(({ imported: _, ...tool }) => tool),
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
  const giveBack = takeBody(credential, incoming);
  if (typeof giveBack !== 'function') return problemWire(giveBack, requestId);
  const read = await readRequest(incoming).finally(giveBack);
  const idempotencyKey = incoming.headers['idempotency-key'] as string | undefined;
  const call = newCall({
    via: 'rest',
    credential,
    ...(ip !== '' && { ip }),
    requestId,
    ...(traceId !== undefined && { traceId }),
    ...read,
    ...(idempotencyKey !== undefined &&
      read.unreadable === undefined &&
      (idempotency(idempotencyKey, read) ?? unreadable(NO_KEY))),
  });
  const progress: Progress = {};
  const waitMs = waitSeconds(incoming.headers.prefer) * 1000;
  const leave = waitMs > 0 ? enterWait(credential) : undefined;
  const options = leave ? { waitMs, gone: whenGone(app, outgoing), progress } : { progress };
  const answered = app.gateway.dispatch(call, options);
  const answer = await (leave ? answered.finally(leave) : answered);
  return answerWire(answer, requestId, progress.rate);
}

type ReadCall = Pick<Call, 'toolName' | 'executeOnApproval'> &
  Partial<
    Pick<Call, 'arguments' | 'argumentsCanonical' | 'approvalId' | 'justification' | 'dryRun' | 'runId' | 'onBehalfOf'>
  > & { readonly unreadable?: undefined };
type Unreadable = { readonly unreadable: NonNullable<Call['unreadable']> };

const unreadable = (detail: string): Unreadable => ({ unreadable: { code: 'invalid_payload', detail } });

/** What the request asks for, or why it cannot be read. Whose it is decides whether that is worth an entry. */
async function readRequest(incoming: IncomingMessage): Promise<ReadCall | Unreadable> {
  if (!isJson(incoming)) return { unreadable: { code: 'unsupported_media_type' } };
  const bytes = await readBytes(incoming);
  if (Buffer.isBuffer(bytes)) return readCall(bytes, incoming.headers);
  return bytes.code === 'payload_too_large' ? { unreadable: { code: bytes.code } } : unreadable(bytes.detail);
}

const KNOWN = new Set([
  'tool',
  'arguments',
  'approval_id',
  'execute_on_approval',
  'justification',
  'dry_run',
  ...ABOUT,
]);

/** The call in the wire bytes, or what is wrong with them and where. */
export function readCall(bytes: Uint8Array, headers: IncomingHttpHeaders): ReadCall | Unreadable {
  const read = readWireObject(bytes);
  if (!read.ok) return unreadable(`${read.reason} at ${read.path}`);
  const { value } = read;
  for (const name of Object.keys(value)) {
    if (!KNOWN.has(name))
      return unreadable(`unknown field at ${formatPath([name])}; the fields are ${[...KNOWN].join(', ')}`);
  }
  const { tool, arguments: args = {}, approval_id: approvalId, execute_on_approval: executeOnApproval = false } = value;
  const { justification, dry_run: dryRun = false } = value;
  if (!isName(tool)) return unreadable('tool must be the name of a tool, at most 128 characters, at $.tool');
  if (!isJsonObject(args)) return unreadable('arguments must be a JSON object at $.arguments');
  if (approvalId !== undefined && !isName(approvalId))
    return unreadable("approval_id must be an approval's id, at most 128 characters, at $.approval_id");
  if (typeof executeOnApproval !== 'boolean')
    return unreadable('execute_on_approval must be true or false at $.execute_on_approval');
  if (justification !== undefined && !isJustification(justification))
    return unreadable(`${NO_JUSTIFICATION}, at $.justification`);
  if (typeof dryRun !== 'boolean') return unreadable('dry_run must be true or false at $.dry_run');
  const about = readAbout(value, headers);
  if (isNotAbout(about)) {
    const where = about.header === undefined ? `at ${formatPath([about.member])}` : `in the header ${about.header}`;
    return unreadable(`${about.member} ${about.problem}, ${where}`);
  }
  const canonical = read.canonical('arguments');
  return {
    toolName: tool,
    ...(canonical !== undefined && { arguments: args, argumentsCanonical: canonical }),
    ...(approvalId !== undefined && { approvalId }),
    executeOnApproval,
    ...(justification !== undefined && { justification }),
    ...(dryRun && { dryRun }),
    ...about,
  };
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
    case 'draft':
      return {
        status: 202,
        headers: { ...headers, location: `/v1/drafts/${answer.draftId}` },
        body: JSON.stringify({ status: 'draft', draft_id: answer.draftId, draft_status: answer.status }),
      };
    case 'dry_run':
      return { status: 200, headers, body: JSON.stringify(aboutDryRun(answer)) };
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

/** The result is text already, and may be long. */
function settled(status: string, executionId: string, part: 'result' | 'error', text: string): string {
  return `{"status":"${status}","execution_id":"${executionId}","${part}":${text}}`;
}
