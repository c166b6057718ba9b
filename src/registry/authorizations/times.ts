import type { Tokens } from './provider.ts';

/** A token is renewed so long before it ends, or when nine tenths of its time are over. */
const EARLY_SECONDS = 60;

/** When a token that was given now ends, and when the next one is asked for. */
export function timesOf(
  { lifetimeSeconds, refreshToken }: Pick<Tokens, 'lifetimeSeconds' | 'refreshToken'>,
  now: Date,
): { readonly expires_at: Date | null; readonly renew_at: Date | null } {
  if (lifetimeSeconds === null) return { expires_at: null, renew_at: null };
  const after = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
  const early = Math.min(EARLY_SECONDS, lifetimeSeconds / 10);
  return {
    expires_at: after(lifetimeSeconds),
    renew_at: after(refreshToken === null ? lifetimeSeconds : lifetimeSeconds - early),
  };
}
