import { setTimeout } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { ConnectionNotMade } from '../../guarded-connect.ts';
import { failed, type UpstreamOutcome } from '../../outcome.ts';
import type { Scrubber } from '../../secrets/scrubber.ts';
import { interpretAnswer } from './answer.ts';
import { type ExchangeEnd, type ExchangeLimits, type ExchangeRequest, exchange } from './exchange.ts';

export type SendLimits = ExchangeLimits & {
  /** How often a request that may have arrived, or was not served, is sent again: 0 but for what is idempotent. */
  readonly repeats?: number;
};

/**
 * Sends one request and reads its answer, of which `scrubber` keeps no bytes that hold a secret. Never throws. Without
 * `repeats` it never repeats a request of which a byte may have been sent.
 */
export async function send(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  { timeoutMs, maxBodyBytes, repeats = 0 }: SendLimits,
  signal?: AbortSignal,
  scrubber?: Scrubber,
): Promise<UpstreamOutcome> {
  const deadline = performance.now() + timeoutMs;
  try {
    let arrived: ExchangeEnd | undefined;
    for (let sent = 0; ; sent += 1) {
      const end = await sendOnce(dispatcher, request, { deadline, maxBodyBytes }, signal);
      // What comes later says nothing about whether an earlier one was taken.
      if (end.kind !== 'not_sent' || arrived === undefined) arrived = end;
      const waitMs = sent < repeats ? waitBefore(end, sent) : null;
      if (waitMs !== null && performance.now() + waitMs < deadline && !(await isCancelled(waitMs, signal))) continue;
      if (arrived.kind === 'cut') return unknownAfter(arrived);
      if (arrived.kind === 'not_sent') return failedBefore(arrived.cause);
      const outcome = interpretAnswer(arrived, maxBodyBytes, scrubber);
      return outcome instanceof Promise ? await outcome : outcome;
    }
  } catch (error) {
    return { kind: 'unknown', reason: `The call broke off inside the gateway (${nameOf(error)}).` };
  }
}

/**
 * Twice at most: a pooled connection that died while idle may take a request down with it before anything was written.
 * That repeats nothing that was sent.
 */
async function sendOnce(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  { deadline, maxBodyBytes }: { readonly deadline: number; readonly maxBodyBytes: number },
  signal?: AbortSignal,
): Promise<ExchangeEnd> {
  for (let attempt = 1; ; attempt += 1) {
    const limits = { timeoutMs: deadline - performance.now(), maxBodyBytes };
    const end = await exchange(dispatcher, request, limits, signal);
    if (end.kind !== 'not_sent' || attempt === 2 || !diedIdle(end.cause)) return end;
  }
}

/** Statuses of an upstream that asks to be asked again. */
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_WAIT_MS = 200;

/** How long to wait before the same request is sent again; null where that would not help. */
function waitBefore(end: ExchangeEnd, sent: number): number | null {
  const waitMs = FIRST_WAIT_MS * 3 ** sent;
  if (end.kind !== 'answer') {
    const { cause } = end;
    if (!(cause instanceof Error)) return null;
    if (!(cause instanceof ConnectionNotMade)) return waitMs;
    return cause.outcome.kind === 'failed' && cause.outcome.code !== 'tls_failed' ? waitMs : null;
  }
  if (!AGAIN.has(end.status)) return null;
  const asked = end.headers['retry-after'];
  return typeof asked === 'string' && /^\d{1,5}$/.test(asked) ? Number(asked) * 1000 : waitMs;
}

function isCancelled(waitMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  return setTimeout(waitMs, false, signal && { signal }).catch(() => true);
}

// undici reports the death of an idle connection with the socket's own code to whatever was waiting for it.
function diedIdle(cause: Error | 'timeout' | 'cancelled'): boolean {
  return cause instanceof Error && /^(?:ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_SOCKET)$/.test(codeOf(cause));
}

function failedBefore(cause: Error | 'timeout' | 'cancelled'): UpstreamOutcome {
  if (cause instanceof ConnectionNotMade) return cause.outcome;
  if (cause === 'timeout') return failed('timeout_before_send', 'No connection in time. Nothing was sent.');
  if (cause === 'cancelled') return failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
  return failed('connect_failed', `There was no connection to the upstream (${codeOf(cause)}). Nothing was sent.`);
}

function unknownAfter({ cause, status }: Extract<ExchangeEnd, { kind: 'cut' }>): UpstreamOutcome {
  const seen = status === null ? 'before an answer' : `after the answer ${status} had begun`;
  if (cause === 'timeout') return { kind: 'unknown', reason: `The time was up ${seen}.` };
  if (cause === 'cancelled') return { kind: 'unknown', reason: `The call was cancelled ${seen}.` };
  return { kind: 'unknown', reason: `The connection broke off ${seen} (${codeOf(cause)}).` };
}

function codeOf(error: Error & { readonly code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.name;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
