import type { ReactNode } from 'react';
import { ErrorState, Loading } from './states.tsx';

type Query<T> = {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
};

/** What was read, or why it is not there yet. What is on screen stays while it is read again. */
export function Loaded<T>({
  query,
  rows = 5,
  children,
}: {
  query: Query<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}): ReactNode {
  if (query.data !== undefined && query.error === null) return children(query.data);
  if (query.error) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} />;
  return <Loading rows={rows} />;
}
