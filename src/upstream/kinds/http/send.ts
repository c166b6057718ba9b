import { setTimeout } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { deliver } from '../../exchange/deliver.ts';
import type { Answer, ExchangeLimits, ExchangeRequest } from '../../exchange/exchange.ts';
import type { Unanswered, UpstreamOutcome } from '../../outcome.ts';
import type { Scrubber } from '../../secrets/scrubber.ts';
import { interpretAnswer } from './answer.ts';

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
    let end = await deliver(dispatcher, request, { timeoutMs, maxBodyBytes }, signal);
    for (let sent = 0; sent < repeats; sent += 1) {
      const waitMs = waitBefore(end, sent);
      if (waitMs === null || performance.now() + waitMs >= deadline || (await isCancelled(waitMs, signal))) break;
      const limits = { timeoutMs: deadline - performance.now(), maxBodyBytes };
      const next = await deliver(dispatcher, request, limits, signal);
      // That nothing was sent the last time says nothing about what arrived before.
      const saysNothing = next.kind === 'failed' || next.kind === 'refused';
      if (!saysNothing || end.kind === 'failed') end = next;
    }
    return end.kind === 'answer' ? await interpretAnswer(end, maxBodyBytes, scrubber) : end;
  } catch (error) {
    return { kind: 'unknown', reason: `The call broke off inside the gateway (${nameOf(error)}).` };
  }
}

/** Statuses of an upstream that asks to be asked again. */
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_WAIT_MS = 200;

/** How long to wait before the same request is sent again; null where that would not help. */
function waitBefore(end: Answer | Unanswered, sent: number): number | null {
  const waitMs = FIRST_WAIT_MS * 3 ** sent;
  switch (end.kind) {
    case 'answer': {
      if (!AGAIN.has(end.status)) return null;
      const asked = end.headers['retry-after'];
      return typeof asked === 'string' && /^\d{1,5}$/.test(asked) ? Number(asked) * 1000 : waitMs;
    }
    case 'failed':
      return end.code === 'connect_failed' || end.code === 'dns_failed' ? waitMs : null;
    case 'unknown':
      // It broke off: when the time is up or the call is cancelled, there is nothing to wait for either.
      return waitMs;
    default:
      return null;
  }
}

function isCancelled(waitMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  return setTimeout(waitMs, false, signal && { signal }).catch(() => true);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
