import { randomUUID } from 'node:crypto';
import type { HeldCall } from '../../gateway/waiting/held.ts';
import { deny } from '../../kernel/codes.ts';
import { isJsonObject } from '../../kernel/strict-json.ts';
import { enterWait } from '../call-rim.ts';
import { expectAnswer } from './asked.ts';
import { inRun } from './door-of.ts';
import { fault, isFault, RPC } from './message.ts';
import { clientOf, type McpRequest } from './request.ts';
import { callResult, complete, heldResult, incomplete } from './results.ts';
import { createdTask } from './tasks.ts';

/**
 * What a client is told of a call that waits for people. In this order: a task, where the client knows tasks; a page to
 * open, where it can show its person one; else a result that says that nothing has run.
 */

const PROGRESS_EVERY_MS = 10_000;
/** How long a request that asked its person to open a page is held open. */
const PAGE_MAX_MS = 300_000;
/** How long a request that comes again after the page was opened is held open. */
const AGAIN_MAX_MS = 50_000;

/** A call that its dispatch has held. */
export type Pending = { readonly approvalId: string; readonly executionId: string };

/** Answers a call that waits, when it will be made by itself once people have approved it. */
export async function answerPending(request: McpRequest, pending: Pending, plain: string): Promise<void> {
  const { exchange, revision } = request;
  if (revision.abilities.tasks) {
    const held = await heldNow(request, pending.approvalId);
    if (held !== undefined) exchange.result(incomplete('task', createdTask(held)));
  } else if (revision.abilities.url && revision.stateless) {
    exchange.result(incomplete('input_required', askedFor(request, pending.approvalId)));
  } else if (revision.abilities.url && exchange.takesEvents) {
    await askMeanwhile(request, pending);
  } else exchange.result(complete(revision.stateless, plain));
}

/** The page of an approval, for the person at the client. */
function pageOf({ publicUrl }: McpRequest, approvalId: string): string {
  return `${publicUrl}/approvals/${approvalId}`;
}

const MESSAGE =
  'This call waits for approval, and nothing has run. Open its page to see exactly what it would do, and to decide about it if you may.';

function askedFor(request: McpRequest, approvalId: string): object {
  const params = { mode: 'url', message: MESSAGE, url: pageOf(request, approvalId) };
  // Nobody but the client that made the call learns anything by this, so it need not be sealed.
  return { inputRequests: { approval: { method: 'elicitation/create', params } }, requestState: approvalId };
}

/** The same call again, once the person has seen its page, or did not want to. Nothing is dispatched. */
export async function answerAgain(request: McpRequest, toolName: string, approvalId: string): Promise<void> {
  const { params, exchange, revision } = request;
  const responses = isJsonObject(params.inputResponses) ? params.inputResponses : {};
  const said = isJsonObject(responses.approval) ? responses.approval.action : undefined;
  const held = await heldAfter(request, approvalId, said === 'accept' ? AGAIN_MAX_MS : 0);
  if (held === undefined) return;
  if (held.toolName !== toolName) {
    exchange.fault(fault(RPC.invalidParams, 'requestState belongs to a call of another tool.', 200));
    return;
  }
  exchange.result(complete(revision.stateless, heldResult(held)));
}

/** Asks for the page on the stream of the call, and answers the call once people have decided. */
async function askMeanwhile(request: McpRequest, { approvalId }: Pending): Promise<void> {
  const { exchange, credential, revision } = request;
  const elicitationId = randomUUID();
  const ended = new AbortController();
  // Only a no ends the waiting: a yes says that they went to look.
  const forget = expectAnswer(elicitationId, credential, ({ result }) => {
    if (result?.action !== 'accept') ended.abort();
  });
  try {
    const params = { mode: 'url', elicitationId, message: MESSAGE, url: pageOf(request, approvalId) };
    exchange.ask(elicitationId, 'elicitation/create', params);
    const held = await heldAfter(request, approvalId, PAGE_MAX_MS, ended.signal);
    if (held === undefined) return;
    exchange.notify('notifications/elicitation/complete', { elicitationId });
    exchange.result(complete(revision.stateless, heldResult(held)));
  } finally {
    forget();
  }
}

/** A held call of this client as it is now; undefined where that was refused, which has been answered. */
export function heldNow(request: McpRequest, id: string): Promise<HeldCall | undefined> {
  return heldAfter(request, id, 0);
}

/** The same once there is something to tell, or after `maxMs`. Meanwhile the client hears that it goes on. */
export async function heldAfter(
  request: McpRequest,
  id: string,
  maxMs: number,
  ended?: AbortSignal,
): Promise<HeldCall | undefined> {
  const client = await clientOf(request);
  if (client === undefined) return undefined;
  const whose = inRun(request, client);
  if (isFault(whose)) {
    request.exchange.fault(whose);
    return undefined;
  }
  const leave = maxMs > 0 ? enterWait(request.credential) : undefined;
  const stop = leave === undefined ? () => {} : startProgress(request);
  try {
    const gone = ended === undefined ? request.gone() : AbortSignal.any([request.gone(), ended]);
    const held = await request.app.gateway.held(whose, id, leave === undefined ? 0 : maxMs, gone);
    if (held !== undefined) return held;
    request.exchange.result(complete(request.revision.stateless, callResult(deny('approval_not_found'))));
    return undefined;
  } finally {
    stop();
    leave?.();
  }
}

/** Tells the client now and then that its request waits, where it asked for that. */
export function startProgress({ meta, exchange }: McpRequest): () => void {
  const { progressToken } = meta;
  if ((typeof progressToken !== 'string' && typeof progressToken !== 'number') || !exchange.takesEvents)
    return () => {};
  let progress = 0;
  const tell = (): void => {
    progress += 1;
    exchange.notify('notifications/progress', {
      progressToken,
      progress,
      message: 'Waiting for people to approve it.',
    });
  };
  tell();
  const timer = setInterval(tell, PROGRESS_EVERY_MS);
  return () => clearInterval(timer);
}
