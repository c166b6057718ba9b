import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { problemKind } from '../../api/problem-text.ts';
import { queries } from '../../api/queries.ts';
import { Note } from '../../components/badge.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorState, Loading } from '../../components/states.tsx';
import { useSlug } from '../../workspace.tsx';
import { ApprovalCard } from './approval-card.tsx';
import type { Card } from './contract.ts';
import { isUnderWay } from './under-way.ts';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The page opened by itself, so that nobody's focus is to be moved to it. */
    readonly byItself?: boolean;
  }
}

/** How often an approved call is looked after while its end is not told yet, should the live stream be down. */
const LOOK_AGAIN_MS = 2_000;

/** One approval a page. */
export function ApprovalPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/inbox/$id' });
  const { view: _view, ...search } = useSearch({ from: '/w/$slug/inbox/$id' });
  const byItself = useLocation({ select: ({ state }) => state.byItself === true });
  const approval = useQuery({
    ...queries.approval(slug, id),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data as Card) ? LOOK_AGAIN_MS : false),
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
      {data !== undefined && error !== null && <OldNote problem={error} />}
      {data !== undefined && <ApprovalCard key={data.id} approval={data as Card} arrives={!byItself} />}
      {data === undefined &&
        (error !== null ? (
          <ErrorState problem={error} onRetry={() => void approval.refetch()} />
        ) : (
          <Loading rows={5} label="Loading the approval" />
        ))}
    </>
  );
}

function OldNote({ problem }: { problem: unknown }): ReactNode {
  const isSignedOut = problemKind(problem) === 'signed-out';
  return (
    <div className="mb-3" data-old-card>
      <Note tone="care" alert title={isSignedOut ? 'You are signed out.' : 'This card may be old.'}>
        {isSignedOut ? (
          <>
            What is on screen stays.{' '}
            <a href="/sign-in" target="_blank" rel="noreferrer" className="font-semibold text-accent underline">
              Sign in again in another tab
            </a>{' '}
            to decide.
          </>
        ) : (
          'It could not be read again just now; it is tried again by itself.'
        )}
      </Note>
    </div>
  );
}
