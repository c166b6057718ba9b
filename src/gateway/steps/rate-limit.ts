import { deny, type Refusal } from '../../kernel/codes.ts';
import type { RateLimiter } from '../../store/rate-limiter.ts';
import type { Call, Facts, Progress } from '../call.ts';

/** Calls per minute of one client. Taken once a call, however often its decision has to be made again. */
export function rateLimit(limiter: RateLimiter) {
  return async (_call: Call, facts: Facts, progress: Progress): Promise<Refusal | undefined> => {
    if (facts.client === undefined) return undefined;
    progress.rate ??= await limiter.take(facts.principal.id, facts.client.rpmLimit);
    if (progress.rate.allowed) return undefined;
    return { ...deny('rate_limited'), retryAfterSeconds: progress.rate.retryAfterSeconds };
  };
}
