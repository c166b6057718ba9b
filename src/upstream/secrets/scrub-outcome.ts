import type { UpstreamOutcome } from '../outcome.ts';
import type { Scrubber } from './scrubber.ts';

/** How a call ended, without the secrets that were sent with it. */
export async function scrubOutcome(outcome: UpstreamOutcome, scrubber: Scrubber): Promise<UpstreamOutcome> {
  switch (outcome.kind) {
    case 'executed':
      return { ...outcome, result: await scrubber.json(outcome.result) };
    case 'failed':
      return { ...outcome, message: scrubber.text(outcome.message), error: await scrubber.json(outcome.error) };
    case 'refused':
      return { ...outcome, detail: scrubber.text(outcome.detail) };
    case 'unknown':
      return { ...outcome, reason: scrubber.text(outcome.reason) };
  }
}
