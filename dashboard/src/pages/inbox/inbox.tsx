import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { waitingQuery } from '../../api/overview.ts';
import { queries } from '../../api/queries.ts';
import type { ApprovalView } from '../../api/types.ts';
import { More, NewPill, rowsOf } from '../../components/pages.tsx';
import { PageHead } from '../../components/panel.tsx';
import { EmptyState, ErrorState, Loading, NoMatch } from '../../components/states.tsx';
import { useListKeys } from '../../shell/keyboard.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { DenyMany, useSelection } from './deny-many.tsx';
import { FirstCall } from './first-call.tsx';
import { InboxFilters } from './inbox-filters.tsx';
import { InboxRow } from './inbox-row.tsx';
import { useLiveList } from './live-list.ts';
import { AroundProvider } from './next.tsx';
import type { InboxSearch } from './search.ts';

/** From this width on the list stands beside the card. */
const WIDE = '(min-width: 64rem)';

/** What waits for a decision, and what was decided. The list on the left, one document on the right; on a phone, either. */
export function Inbox(): ReactNode {
  useTitle('Inbox');
  const slug = useSlug();
  const may = useMay();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const search: InboxSearch = useSearch({ from: '/w/$slug/inbox' });
  const { status = 'pending', tool, principal, group } = search;
  const show = may('approvals.decide') ? (search.show ?? 'mine') : 'all';
  const open = useParams({ strict: false }).id;
  const byItself = useLocation({ select: ({ state }) => state.byItself === true });
  // While another page is on its way this one is still there, and must not call people back.
  const isHere = useLocation({ select: ({ pathname }) => /\/inbox\/?$/.test(pathname) });
  const options = queries.approvals(slug, {
    status: status === 'all' ? undefined : status,
    tool,
    principal,
    ...(status === 'pending' && { sort: 'soonest', decidable: show === 'mine' ? 'true' : undefined }),
  });
  const list = useInfiniteQuery(options);
  const waiting = useQuery(waitingQuery(slug)).data;
  const rows = rowsOf(list.data);
  const [fresh, forget] = useLiveList(options.queryKey, rows, status === 'pending' || status === 'all');
  const selection = useSelection(rows);
  const box = useRef<HTMLDivElement>(null);
  useListKeys(box, open);

  const first = rows[0]?.id;
  useEffect(() => {
    if (!isHere || open !== undefined || first === undefined || status !== 'pending' || list.isPlaceholderData) return;
    if (!window.matchMedia(WIDE).matches) return;
    void navigate({
      to: '/w/$slug/inbox/$id',
      params: { slug, id: first },
      search,
      replace: true,
      state: { byItself: true },
    });
  }, [isHere, open, first, status, list.isPlaceholderData, navigate, slug, search]);

  const refresh = (): void => {
    forget();
    void queryClient.invalidateQueries({ queryKey: options.queryKey });
  };
  const isFiltered = tool !== undefined || principal !== undefined;
  const rowOf = (row: ApprovalView): ReactNode => (
    <InboxRow
      key={row.id}
      row={row}
      open={row.id === open}
      search={search}
      picked={selection.canPick(row) ? selection.picked.has(row.id) : undefined}
      onPick={(picked) => selection.pick(row.id, picked)}
    />
  );
  return (
    <AroundProvider value={{ rows, search }}>
      <div className="lg:grid lg:grid-cols-[22rem_minmax(0,1fr)] lg:items-start lg:gap-6 xl:grid-cols-[26rem_minmax(0,1fr)]">
        <section
          aria-label="Approvals"
          className={`min-w-0 lg:sticky lg:top-[calc(var(--bar)+1.5rem)] lg:flex lg:max-h-[calc(100dvh-var(--bar)-3rem)] lg:flex-col ${open ? 'max-lg:hidden' : ''}`}
        >
          <PageHead title="Inbox" />
          <InboxFilters search={search} show={show} {...(waiting && { waiting })} />
          <div
            ref={box}
            tabIndex={rows.length === 0 ? 0 : undefined}
            className="min-h-0 rounded-doc border border-rule bg-sheet shadow-sheet lg:overflow-y-auto"
          >
            <NewPill count={fresh} onShow={refresh} what="in the inbox" />
            <DenyMany selection={selection} />
            {list.data === undefined &&
              (list.error ? (
                <ErrorState problem={list.error} onRetry={() => void list.refetch()} />
              ) : (
                <Loading rows={8} label="Loading approvals" />
              ))}
            {list.data !== undefined &&
              rows.length === 0 &&
              (isFiltered ? (
                <NoMatch
                  onClear={() =>
                    void navigate({
                      to: '/w/$slug/inbox',
                      params: { slug },
                      search: { ...search, tool: undefined, principal: undefined },
                    })
                  }
                />
              ) : (
                <NothingHere status={status} others={show === 'mine' ? (waiting?.pending ?? 0) : 0} />
              ))}
            {rows.length > 0 && (
              <>
                {group === 'caller' ? (
                  <Groups rows={rows}>{rowOf}</Groups>
                ) : (
                  <ul
                    aria-label={
                      status === 'pending' ? 'Approvals, those that expire first first' : 'Approvals, newest first'
                    }
                  >
                    {rows.map(rowOf)}
                  </ul>
                )}
                <More query={list} count={rows.length} />
              </>
            )}
          </div>
        </section>
        <div
          data-arrive={(open !== undefined && !byItself) || undefined}
          tabIndex={-1}
          className={`min-w-0 outline-none ${open ? '' : 'max-lg:hidden'}`}
        >
          <Outlet />
        </div>
      </div>
    </AroundProvider>
  );
}

/** The rows by who asked, those groups first whose first row is first. */
function Groups({
  rows,
  children,
}: {
  rows: readonly ApprovalView[];
  children: (row: ApprovalView) => ReactNode;
}): ReactNode {
  const groups = Map.groupBy(rows, ({ principal }) => principal.id);
  return [...groups].map(([id, members]) => (
    <section key={id} aria-labelledby={`caller-${id}`} data-group={id}>
      <h2 id={`caller-${id}`} className="border-b border-rule bg-well px-3 py-1 !font-sans text-sm wrap-anywhere">
        {members[0]?.principal.name ?? id} <span className="font-normal text-soft">({members.length})</span>
      </h2>
      <ul aria-labelledby={`caller-${id}`}>{members.map(children)}</ul>
    </section>
  ));
}

function NothingHere({ status, others }: { status: string; others: number }): ReactNode {
  const slug = useSlug();
  if (status !== 'pending' && status !== 'all') {
    return <EmptyState title="None of these">No approval is in this state.</EmptyState>;
  }
  return (
    <EmptyState icon="check" title="Nothing waits for you">
      {others > 0 && (
        <p>
          {others === 1 ? 'One waits' : `${others} wait`} for others, or cannot succeed any more:{' '}
          <Link
            to="/w/$slug/inbox"
            params={{ slug }}
            search={{ show: 'all' }}
            className="font-semibold text-accent underline"
          >
            show all
          </Link>
          .
        </p>
      )}
      <p>When an agent asks for something that needs a person, it appears here at once.</p>
      <FirstCall />
    </EmptyState>
  );
}

/** The right side while nothing is open. */
export function NothingOpen(): ReactNode {
  return (
    <div className="rounded-doc border border-dashed border-edge px-6 py-20 text-center text-soft">
      Choose an approval to read exactly what would happen.
      <span className="mt-1 block text-sm">
        Keys: <kbd className="font-mono">j</kbd> <kbd className="font-mono">k</kbd> to move,{' '}
        <kbd className="font-mono">Enter</kbd> to open, <kbd className="font-mono">?</kbd> for all.
      </span>
    </div>
  );
}
