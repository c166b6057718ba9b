import type { ReactNode } from 'react';
import { problemKind } from '../api/problem-text.ts';
import { ErrorState, Loading, ProblemNote } from './states.tsx';

type Query<T> = {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
};

/** Reading again failed in a way that says nothing about what is on screen; the frame says these two on every page. */
const SAID_BY_FRAME = new Set(['unreachable', 'signed-out']);
/** What is on screen is not for this person, or is no more. */
const TAKES_AWAY = new Set(['forbidden', 'not-found']);

/**
 * What was read, or why it is not there yet. What is on screen stays while it is read again, and when that fails: somebody
 * may be writing in it.
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
  if (query.data !== undefined && (problem === null || !TAKES_AWAY.has(problem))) {
    return (
      <>
        {problem !== null && !SAID_BY_FRAME.has(problem) && <ProblemNote problem={query.error} />}
        {children(query.data)}
      </>
    );
  }
  if (query.error) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} />;
  return <Loading rows={rows} />;
}
