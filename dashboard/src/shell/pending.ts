import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { useSlug } from '../workspace.tsx';

/** How many approvals wait, as the navigation shows it: `12`, `99+`, or null for none. */
export function usePending(): string | null {
  const { data } = useQuery(queries.pendingCount(useSlug()));
  if (data === undefined || data.count === 0) return null;
  return data.more ? '99+' : String(data.count);
}
