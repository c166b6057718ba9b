import { type Problem, problem } from '../kernel/codes.ts';
import { sha256Hex } from '../kernel/hash.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';

/** Attempts a minute, by what they are counted by. */
const PER_NETWORK = 60;
const PER_NETWORK_AND_ACCOUNT = 10;
/** At one account by all devices that it was never signed in with, wherever they are. */
const PER_ACCOUNT_BY_STRANGERS = 20;
const PER_DEVICE = 10;
/** Links that are looked at or used from one network. */
const LINKS_PER_NETWORK = 30;
const PASSWORD_CHANGES = 10;

/**
 * Takes one attempt to sign in. A device that has signed in to the account before has a budget of its own, so that
 * nobody can lock a person out of it; strangers share the account's, and their network's. Where the account is signed in
 * from this network (`isSignedInHere`, asked only when the strangers have used theirs up), a new device is no stranger.
 */
export async function takeSignIn(
  limiter: RateLimiter,
  by: { readonly network: string; readonly email: string; readonly device: string | null },
  isSignedInHere: () => Promise<boolean>,
): Promise<Problem | undefined> {
  const { network, email, device } = by;
  if (device !== null) return take(limiter, `sign-in:device:${device}`, PER_DEVICE);
  const account = sha256Hex(email);
  const tooManyHere =
    (await take(limiter, `sign-in:${network}`, PER_NETWORK)) ??
    (await take(limiter, `sign-in:${network}:${account}`, PER_NETWORK_AND_ACCOUNT));
  if (tooManyHere !== undefined) return tooManyHere;
  const tooManyStrangers = await take(limiter, `sign-in:account:${account}`, PER_ACCOUNT_BY_STRANGERS);
  return tooManyStrangers !== undefined && (await isSignedInHere()) ? undefined : tooManyStrangers;
}

/** Takes one look at a one-time link, or one use of it. */
export function takeLink(limiter: RateLimiter, network: string): Promise<Problem | undefined> {
  return take(limiter, `link:${network}`, LINKS_PER_NETWORK);
}

/** Takes one attempt to change a password. */
export function takePasswordChange(limiter: RateLimiter, userId: string): Promise<Problem | undefined> {
  return take(limiter, `password:${userId}`, PASSWORD_CHANGES);
}

async function take(limiter: RateLimiter, key: string, limitPerMinute: number): Promise<Problem | undefined> {
  const { allowed, retryAfterSeconds } = await limiter.take(key, limitPerMinute);
  return allowed ? undefined : { ...problem('too_many_requests'), retryAfterSeconds };
}
