import type { Dispatcher } from 'undici';
import { ConnectionNotMade } from '../guarded-connect.ts';
import { failed, type Unanswered } from '../outcome.ts';
import { type Answer, type ExchangeEnd, type ExchangeLimits, type ExchangeRequest, exchange } from './exchange.ts';

/**
 * Sends one request and reads its answer, or says whether anything was sent. Never repeats a request of which a byte may
 * have been sent.
 */
export async function deliver(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  { timeoutMs, maxBodyBytes }: ExchangeLimits,
  signal?: AbortSignal,
): Promise<Answer | Unanswered> {
  const deadline = performance.now() + timeoutMs;
  // Twice at most: a pooled connection that died while idle may take a request down with it before anything
  // was written. That is the only repeat, and it repeats nothing that was sent.
  for (let attempt = 1; ; attempt += 1) {
    const limits = { timeoutMs: deadline - performance.now(), maxBodyBytes };
    const end = await exchange(dispatcher, request, limits, signal);
    if (end.kind === 'answer') return end;
    if (end.kind === 'cut') return unknownAfter(end);
    if (attempt === 2 || !diedIdle(end.cause)) return failedBefore(end.cause);
  }
}

// undici reports the death of an idle connection with the socket's own code to whatever was waiting for it.
function diedIdle(cause: Error | 'timeout' | 'cancelled'): boolean {
  return cause instanceof Error && /^(?:ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_SOCKET)$/.test(codeOf(cause));
}

function failedBefore(cause: Error | 'timeout' | 'cancelled'): Unanswered {
  if (cause instanceof ConnectionNotMade) return cause.outcome;
  if (cause === 'timeout') return failed('timeout_before_send', 'No connection in time. Nothing was sent.');
  if (cause === 'cancelled') return failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
  return failed('connect_failed', `There was no connection to the upstream (${codeOf(cause)}). Nothing was sent.`);
}

function unknownAfter({ cause, status }: Extract<ExchangeEnd, { kind: 'cut' }>): Unanswered {
  const seen = status === null ? 'before an answer' : `after the answer ${status} had begun`;
  if (cause === 'timeout') return { kind: 'unknown', reason: `The time was up ${seen}.` };
  if (cause === 'cancelled') return { kind: 'unknown', reason: `The call was cancelled ${seen}.` };
  return { kind: 'unknown', reason: `The connection broke off ${seen} (${codeOf(cause)}).` };
}

function codeOf(error: Error & { readonly code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.name;
}
