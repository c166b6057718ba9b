import { useQuery } from '@tanstack/react-query';
import { waitingQuery } from '../api/overview.ts';
import { useSlug } from '../workspace.tsx';

const SHOWN_MAX = 99;

/** How many approvals wait for this person, as the navigation shows it: `12`, `99+`, or null for none. */
export function usePending(): string | null {
  const { data } = useQuery(waitingQuery(useSlug()));
  if (data === undefined || data.decidable === 0) return null;
  return data.decidable > SHOWN_MAX ? `${SHOWN_MAX}+` : String(data.decidable);
}
