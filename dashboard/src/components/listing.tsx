import type { InfiniteData } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page } from '../api/types.ts';
import { Loaded } from './loaded.tsx';
import { More, rowsOf } from './pages.tsx';
import { NoMatch } from './states.tsx';
import { type Column, Table } from './table.tsx';

type Query<T> = {
  readonly data: InfiniteData<Page<T>> | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
};

type Props<T> = {
  readonly query: Query<T>;
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly id: (row: T) => string;
  readonly selected?: string | undefined;
  /** Takes the search and the filters away; undefined where there are none now. */
  readonly onClear?: (() => void) | undefined;
  /** What is said when there is nothing at all. */
  readonly empty: ReactNode;
  readonly rows?: number;
};

/** A list that is read page by page: its rows, more of them, or why there are none. */
export function Listing<T>({ query, caption, columns, id, selected, onClear, empty, rows = 5 }: Props<T>): ReactNode {
  return (
    <Loaded query={query} rows={rows}>
      {(data) => {
        const items = rowsOf(data);
        if (items.length === 0) return onClear ? <NoMatch onClear={onClear} /> : empty;
        return (
          <>
            <Table caption={caption} rows={items} columns={columns} id={id} selected={selected} />
            <More query={query} count={items.length} />
          </>
        );
      }}
    </Loaded>
  );
}
