import { type Problem, problem } from '../../kernel/codes.ts';

const SHORTEST_MS = 60_000;
const LONGEST_MS = 3652 * 86_400_000;

/**
 * When a token ends, from what was asked for, or null for never. `at` is the database's time: with it, a token
 * lives from a minute to ten years.
 */
export function expiryOf(
  at: Date,
  {
    expires_in_days,
    expires_at,
  }: { readonly expires_in_days?: number | undefined; readonly expires_at?: string | undefined },
): Date | null | Problem {
  if (expires_in_days !== undefined) return new Date(at.getTime() + Math.round(expires_in_days * 86_400_000));
  if (expires_at === undefined) return null;
  const end = new Date(expires_at);
  const livesMs = end.getTime() - at.getTime();
  if (livesMs >= SHORTEST_MS && livesMs <= LONGEST_MS) return end;
  const message = `must be a minute to ten years from now, which is ${at.toISOString()}`;
  return problem('invalid_request', `expires_at: ${message}`, [{ field: 'expires_at', message }]);
}
