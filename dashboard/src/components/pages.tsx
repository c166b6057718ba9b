import type { InfiniteData } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page, Total } from '../api/types.ts';
import { Button } from './button.tsx';
import { totalText } from './total.ts';

/** The rows of a list that was read page by page. */
export function rowsOf<T>(data: InfiniteData<Page<T>> | undefined): T[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/** How many there are in all, as the first page told. */
export function totalOf(data: InfiniteData<Page<unknown>> | undefined): Total | null {
  return data?.pages[0]?.total ?? null;
}

type Query = {
  readonly data: InfiniteData<Page<unknown>> | undefined;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
};

/** The end of a list, or the way to more of it. */
export function More({ query, count }: { query: Query; count: number }): ReactNode {
  const total = totalOf(query.data);
  return (
    <div className="flex items-center justify-center gap-3 border-t border-rule px-4 py-2.5 text-sm text-soft">
      {query.hasNextPage ? (
        <>
          {total ? `${count} of ${totalText(total, count)} shown` : `${count} shown`}
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </>
      ) : (
        `${count} in all`
      )}
    </div>
  );
}

/** Says how much is new, instead of moving what is under the cursor. */
export function NewPill({ count, onShow, what }: { count: number; onShow: () => void; what: string }): ReactNode {
  return (
    <div aria-live="polite" className="empty:hidden">
      {count > 0 && (
        <button
          type="button"
          onClick={onShow}
          className="w-full border-b border-rule bg-accent-wash px-4 py-2 text-center text-sm font-semibold text-accent hover:underline"
        >
          {count} new {what}: show
        </button>
      )}
    </div>
  );
}
