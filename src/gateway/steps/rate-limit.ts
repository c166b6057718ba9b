import { deny, type Refusal } from '../../kernel/codes.ts';
import type { RateLimiter, Take } from '../../limits/rate-limiter.ts';
import type { Call, Facts, Progress } from '../call.ts';

/** Calls per minute of one client. Taken once a call, however often its decision has to be made again. */
export function rateLimit(limiter: RateLimiter) {
  return (_call: Call, facts: Facts, progress: Progress): Refusal | undefined | Promise<Refusal | undefined> => {
    if (facts.client === undefined) return undefined;
    const taken = progress.rate ?? limiter.take(facts.principal.id, facts.client.rpmLimit);
    return taken instanceof Promise ? taken.then((rate) => judge(rate, progress)) : judge(taken, progress);
  };
}

function judge(rate: Take, progress: Progress): Refusal | undefined {
  progress.rate = rate;
  return rate.allowed ? undefined : { ...deny('rate_limited'), retryAfterSeconds: rate.retryAfterSeconds };
}
