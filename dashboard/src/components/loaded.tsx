import type { ReactNode } from 'react';
import { problemKind } from '../api/problem-text.ts';
import { Button } from './button.tsx';
import { ErrorState, Loading, ProblemNote } from './states.tsx';

type Query<T> = {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
};

/** Reading again failed in a way that says nothing about what is on screen; the frame says these two on every page. */
const SAID_BY_FRAME: ReadonlySet<string> = new Set(['unreachable', 'signed-out']);
/** What is on screen is not for this person any more, or is no more. */
const TAKES_AWAY: ReadonlySet<string> = new Set(['forbidden', 'not-found']);

/**
 * What was read, or why it is not there yet. What is on screen stays while it is read again, and when that fails:
 * somebody may be writing in it.
 */
export function Loaded<T>({
  query,
  rows = 5,
  children,
}: {
  query: Query<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}): ReactNode {
  const problem = query.error ? problemKind(query.error) : null;
  if (query.data === undefined || (problem !== null && TAKES_AWAY.has(problem))) {
    if (problem === null) return <Loading rows={rows} />;
    return <ErrorState problem={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <>
      {problem !== null && !SAID_BY_FRAME.has(problem) && (
        <div data-state="stale" className="flex flex-wrap items-center gap-2 p-2">
          <div className="min-w-0 flex-1">
            <ProblemNote problem={query.error}>What is below was read before.</ProblemNote>
          </div>
          <Button onClick={() => void query.refetch()}>Try again</Button>
        </div>
      )}
      {children(query.data)}
    </>
  );
}
