import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { waitingQuery } from '../../api/overview.ts';
import type { ApprovalView } from '../../api/types.ts';
import { buttonClass } from '../../components/button.tsx';
import { useNow } from '../../components/time.tsx';
import { useSlug } from '../../workspace.tsx';
import { obstacleOf } from './obstacle.ts';
import type { InboxSearch } from './search.ts';

/** What the list beside a card has, for the way to the next one. */
type Around = { readonly rows: readonly ApprovalView[]; readonly search: InboxSearch };

const AroundContext = createContext<Around>({ rows: [], search: {} });
export const AroundProvider = AroundContext.Provider;

/** Whether this person can decide it now, and it can still lead to a call. */
export function isDecidable(row: ApprovalView, now: number): boolean {
  return row.status === 'pending' && row.may_decide && obstacleOf(row, now) === null;
}

/** The next one to decide, with how many there are; or the way back, when this was the last. */
export function NextLink({ after, focus }: { after: string; focus: boolean }): ReactNode {
  const slug = useSlug();
  const now = useNow();
  const { rows, search } = useContext(AroundContext);
  const waiting = useQuery(waitingQuery(slug)).data;
  const others = (waiting?.soonest ?? []).filter(({ id }) => id !== after);
  const at = rows.findIndex(({ id }) => id === after);
  const inOrder = [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at))];
  const next = inOrder.find((row) => row.id !== after && isDecidable(row, now)) ?? others[0];
  const count = waiting?.decidable ?? 0;
  const link = useRef<HTMLAnchorElement>(null);
  // The button that had the focus is gone with the decision.
  useEffect(() => {
    const { activeElement: at } = document;
    if (focus && (at === null || at === document.body || at.closest('article')))
      link.current?.focus({ preventScroll: true });
  }, [focus]);
  if (next === undefined) {
    return (
      <Link
        to="/w/$slug/inbox"
        params={{ slug }}
        search={search}
        ref={link}
        className={`${buttonClass('plain')} min-h-11`}
      >
        Nothing else waits: to the inbox
      </Link>
    );
  }
  return (
    <Link
      to="/w/$slug/inbox/$id"
      params={{ slug, id: next.id }}
      search={search}
      data-next={next.id}
      ref={link}
      className={`${buttonClass('primary')} min-h-11 max-sm:flex-1`}
    >
      Next ({Math.max(1, count)})
    </Link>
  );
}
