import type { UpstreamOutcome } from '../outcome.ts';
import type { Scrubber } from './scrubber.ts';

/** How a call ended, without the secrets that were sent with it. */
export function scrubOutcome(outcome: UpstreamOutcome, scrubber: Scrubber): UpstreamOutcome {
  switch (outcome.kind) {
    case 'executed':
      return { ...outcome, result: scrubber.json(outcome.result) };
    case 'failed':
      return { ...outcome, message: scrubber.text(outcome.message), error: scrubber.json(outcome.error) };
    case 'refused':
      return { ...outcome, detail: scrubber.text(outcome.detail) };
    case 'unknown':
      return { ...outcome, reason: scrubber.text(outcome.reason) };
  }
}
