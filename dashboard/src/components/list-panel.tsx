import type { InfiniteData } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import type { Page } from '../api/types.ts';
import { useSlug } from '../workspace.tsx';
import { FilterBar } from './filter-bar.tsx';
import { Listing } from './listing.tsx';
import { totalOf } from './pages.tsx';
import { Panel } from './panel.tsx';
import { SafeText } from './safe-text.tsx';
import type { Column } from './table.tsx';

type Filters = { readonly q?: string; readonly status?: string };
type Props<T> = {
  readonly query: ComponentProps<typeof Listing<T>>['query'] & { readonly data: InfiniteData<Page<T>> | undefined };
  readonly filters: Filters;
  readonly onFilter: (filters: Filters, replace: boolean) => void;
  /** What one and several are called. */
  readonly what: readonly [one: string, several: string];
  readonly caption: string;
  /** The states that it can be narrowed to. */
  readonly states: readonly string[];
  readonly columns: readonly Column<T>[];
  readonly empty: ReactNode;
};

/** The list of a page: found by name, narrowed by state, counted, and read page by page. */
export function ListPanel<T extends { readonly id: string }>({
  query,
  filters,
  onFilter,
  what,
  caption,
  states,
  columns,
  empty,
}: Props<T>): ReactNode {
  const options = states.map((state) => [state, state] as const);
  return (
    <Panel flush>
      <FilterBar
        values={filters}
        onChange={(next, replace = false) => onFilter(next, replace)}
        search={{ label: `Find a ${what[0]}`, within: 'name' }}
        total={totalOf(query.data)}
        what={what}
        fields={[{ name: 'status', label: 'State', options }]}
      />
      <Listing
        query={query}
        caption={caption}
        columns={columns}
        id={({ id }) => id}
        onClear={filters.status || filters.q ? () => onFilter({}, false) : undefined}
        empty={empty}
      />
    </Panel>
  );
}

type Place = Extract<LinkProps['to'], `/w/$slug/${'clients' | 'connectors' | 'drafts' | 'tools'}/$id`>;

/** A row's name, which leads to its page, and what stands below it. */
export function RowLink({
  to,
  row: { id, name },
  below,
}: {
  to: Place;
  row: { readonly id: string; readonly name: string };
  below?: string;
}): ReactNode {
  return (
    <>
      <Link
        to={to}
        params={{ slug: useSlug(), id }}
        className="inline-block min-h-6 font-semibold wrap-anywhere text-accent hover:underline"
      >
        <SafeText text={name} />
      </Link>
      {below !== undefined && (
        <span className="block text-sm text-soft wrap-anywhere">
          <SafeText text={below} />
        </span>
      )}
    </>
  );
}
