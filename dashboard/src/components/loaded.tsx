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

/**
 * What was read, or why it is not there yet. What is on screen stays while it is read again, and when that fails:
 * somebody may be writing in it. Only what is gone, or not for this person any more, gives way to the reason.
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
  const { data, error } = query;
  const isOver = error !== null && ['forbidden', 'not-found'].includes(problemKind(error));
  if (data === undefined || isOver) {
    return error ? <ErrorState problem={error} onRetry={() => void query.refetch()} /> : <Loading rows={rows} />;
  }
  return (
    <>
      {error !== null && error !== undefined && (
        <div data-state="stale" className="flex flex-wrap items-center gap-2 p-2">
          <div className="min-w-0 flex-1">
            <ProblemNote problem={error}>What is below was read before.</ProblemNote>
          </div>
          <Button onClick={() => void query.refetch()}>Try again</Button>
        </div>
      )}
      {children(data)}
    </>
  );
}
