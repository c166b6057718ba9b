import type { AuthorizationState } from '../../kernel/statuses.ts';
import type { Authorized } from './binding.ts';

/** What is kept of an authorization, as far as its state rests on it. */
type Kept = {
  readonly binding: string | null;
  readonly ended: string | null;
  readonly renewable: boolean | null;
  readonly expires_at: Date | null;
};

/** Where a connector stands with its provider; `row` is undefined, or has no binding, where nobody has authorized it. */
export function stateOf(
  row: Kept | undefined,
  { binding }: Pick<Authorized, 'binding'>,
  now: Date,
): AuthorizationState {
  if (row === undefined || row.binding === null) return 'none';
  if (row.ended !== null) return 'ended';
  if (row.binding !== binding) return 'changed';
  return !row.renewable && row.expires_at !== null && row.expires_at <= now ? 'expired' : 'authorized';
}
