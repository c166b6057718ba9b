import type { Dispatcher } from 'undici';
import { deliver } from '../../exchange/deliver.ts';
import type { ExchangeLimits, ExchangeRequest } from '../../exchange/exchange.ts';
import type { UpstreamOutcome } from '../../outcome.ts';
import type { Scrubber } from '../../secrets/scrubber.ts';
import { interpretAnswer } from './answer.ts';

/**
 * Sends one request and reads its answer, of which `scrubber` keeps no bytes that hold a secret. Never throws and never repeats a request of which a byte may have been sent.
 */
export async function send(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  limits: ExchangeLimits,
  signal?: AbortSignal,
  scrubber?: Scrubber,
): Promise<UpstreamOutcome> {
  try {
    const end = await deliver(dispatcher, request, limits, signal);
    return end.kind === 'answer' ? await interpretAnswer(end, limits.maxBodyBytes, scrubber) : end;
  } catch (error) {
    return { kind: 'unknown', reason: `The call broke off inside the gateway (${nameOf(error)}).` };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
