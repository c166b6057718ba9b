import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { problemKind } from '../../api/problem-text.ts';
import { queries } from '../../api/queries.ts';
import { Icon } from '../../components/icon.tsx';
import { ErrorState, Loading, ProblemNote } from '../../components/states.tsx';
import { useSlug } from '../../workspace.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { isUnderWay } from './under-way.ts';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The page opened by itself, so that nobody's focus is to be moved to it. */
    readonly byItself?: boolean;
  }
}

/** How often an approved call is looked after while its end is not told yet, should the live stream be down. */
const LOOK_AGAIN_MS = 2_000;

/** The frame says these two on every page. */
const SAID_BY_FRAME = new Set(['unreachable', 'signed-out']);

/** One approval a page. */
export function ApprovalPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/inbox/$id' });
  const { view: _view, ...search } = useSearch({ from: '/w/$slug/inbox/$id' });
  const byItself = useLocation({ select: ({ state }) => state.byItself === true });
  const approval = useQuery({
    ...queries.approval(slug, id),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? LOOK_AGAIN_MS : false),
  });
  const { data, error } = approval;
  return (
    <>
      <Link
        to="/w/$slug/inbox"
        params={{ slug }}
        search={search}
        className="mb-2 inline-flex min-h-11 items-center gap-1 font-semibold text-accent lg:hidden"
      >
        <Icon name="back" /> Inbox
      </Link>
      {/* A card that is there stays, with whatever is being written on it, also when it cannot be read again. */}
      {data !== undefined && error !== null && !SAID_BY_FRAME.has(problemKind(error)) && (
        <div className="mb-3" data-old-card>
          <ProblemNote problem={error}>What is below was read before.</ProblemNote>
        </div>
      )}
      {data !== undefined && <ApprovalCard key={data.id} approval={data} arrives={!byItself} />}
      {data === undefined &&
        (error !== null ? (
          <ErrorState problem={error} onRetry={() => void approval.refetch()} />
        ) : (
          <Loading rows={5} label="Loading the approval" />
        ))}
    </>
  );
}
