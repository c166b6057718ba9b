import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { queries } from '../../api/queries.ts';
import { More, NewPill, rowsOf } from '../../components/pages.tsx';
import { PageHead } from '../../components/panel.tsx';
import { EmptyState, ErrorState, Loading, NoMatch } from '../../components/states.tsx';
import { useKeys } from '../../shell/keyboard.tsx';
import { useTitle } from '../../title.ts';
import { useSlug } from '../../workspace.tsx';
import { FirstCall } from './first-call.tsx';
import { InboxRow } from './inbox-row.tsx';
import { useLiveList } from './live-list.ts';

const TABS = [
  ['pending', 'Waiting'],
  ['consumed', 'Used'],
  ['approved', 'Approved'],
  ['denied', 'Denied'],
  ['expired', 'Expired'],
  ['all', 'All'],
] as const;

/** What waits for a decision, and what was decided. The list on the left, one document on the right; on a phone, either. */
export function Inbox(): ReactNode {
  useTitle('Inbox');
  const slug = useSlug();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { status = 'pending', tool } = useSearch({ from: '/w/$slug/inbox' });
  const open = useParams({ strict: false }).id;
  const options = queries.approvals(slug, { status: status === 'all' ? undefined : status, tool });
  const list = useInfiniteQuery(options);
  const rows = rowsOf(list.data);
  const [fresh, forget] = useLiveList(options.queryKey, rows, status === 'pending' || status === 'all');
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);

  const move = (by: number): void => {
    const links = [...(box.current?.querySelectorAll<HTMLAnchorElement>('a[data-row]') ?? [])];
    if (links.length === 0) return;
    const from = links.indexOf(document.activeElement as HTMLAnchorElement);
    const now = from >= 0 ? from : Math.max(at, open ? links.findIndex((link) => link.dataset.row === open) : -1);
    const next = Math.min(links.length - 1, Math.max(0, now + by));
    setAt(next);
    links[next]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });

  const show = (): void => {
    forget();
    void queryClient.invalidateQueries({ queryKey: options.queryKey });
  };
  return (
    <div className="lg:grid lg:grid-cols-[22rem_minmax(0,1fr)] lg:items-start lg:gap-6 xl:grid-cols-[25rem_minmax(0,1fr)]">
      <section
        aria-label="Approvals"
        className={`lg:sticky lg:top-[calc(var(--bar)+1.5rem)] lg:flex lg:max-h-[calc(100dvh-var(--bar)-3rem)] lg:flex-col ${open ? 'max-lg:hidden' : ''}`}
      >
        <PageHead title="Inbox" />
        <nav aria-label="Filter" className="mb-2 flex flex-wrap gap-0.5">
          {TABS.map(([value, label]) => (
            <Link
              key={value}
              to="/w/$slug/inbox"
              params={{ slug }}
              search={value === 'pending' ? { tool } : { status: value, tool }}
              aria-current={status === value ? 'page' : undefined}
              activeProps={{}}
              className={`rounded-doc border px-2 py-1 text-[0.8125rem] whitespace-nowrap pointer-coarse:py-2 ${status === value ? 'border-accent bg-accent font-semibold text-on-accent' : 'border-transparent text-soft hover:bg-sheet hover:text-ink'}`}
            >
              {label}
            </Link>
          ))}
        </nav>
        <div ref={box} className="min-h-0 rounded-doc border border-rule bg-sheet shadow-sheet lg:overflow-y-auto">
          <NewPill count={fresh} onShow={show} what="in the inbox" />
          {list.data === undefined &&
            (list.error ? (
              <ErrorState problem={list.error} onRetry={() => void list.refetch()} />
            ) : (
              <Loading rows={8} label="Loading approvals" />
            ))}
          {list.data !== undefined &&
            rows.length === 0 &&
            (tool ? (
              <NoMatch onClear={() => void navigate({ to: '/w/$slug/inbox', params: { slug } })} />
            ) : (
              <NothingHere status={status} />
            ))}
          {rows.length > 0 && (
            <>
              <ul>
                {rows.map((row) => (
                  <InboxRow
                    key={row.id}
                    row={row}
                    open={row.id === open}
                    search={{ status: status === 'pending' ? undefined : status, tool }}
                  />
                ))}
              </ul>
              <More query={list} count={rows.length} />
            </>
          )}
        </div>
      </section>
      <div data-arrive={open} tabIndex={-1} className={`outline-none ${open ? '' : 'max-lg:hidden'}`}>
        <Outlet />
      </div>
    </div>
  );
}

function NothingHere({ status }: { status: string }): ReactNode {
  if (status !== 'pending' && status !== 'all') {
    return <EmptyState title="None of these">No approval is in this state.</EmptyState>;
  }
  return (
    <EmptyState icon="check" title="Nothing waits for you">
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
