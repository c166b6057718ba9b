import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { EXECUTION_STATUSES } from '../../../../src/kernel/statuses.ts';
import { queries } from '../../api/queries.ts';
import type { ExecutionView } from '../../api/types.ts';
import { EffectBadge, PolicyBadge, Stamp, stateWord } from '../../components/badge.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Listing } from '../../components/listing.tsx';
import { NewPill, rowsOf, totalOf } from '../../components/pages.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { actors, toolNames } from '../../components/pick-sources.ts';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time, timeZone } from '../../components/time.tsx';
import { useLiveEvents } from '../../live/live.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useSlug } from '../../workspace.tsx';
import { FirstCall } from '../inbox/first-call.tsx';

/** Every tool call, allowed or not: who asked, what was decided, how it ended. */
export function Activity(): ReactNode {
  useTitle('Activity');
  const { workspace } = useHere();
  const slug = workspace.slug;
  const navigate = useNavigate({ from: '/w/$slug/activity' });
  const queryClient = useQueryClient();
  const filters = useSearch({ from: '/w/$slug/activity' });
  const open = useParams({ strict: false }).id;
  const options = queries.calls(slug, filters);
  const list = useInfiniteQuery(options);
  const rows = rowsOf(list.data);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useLiveEvents(({ event_type, resource, data }) => {
    const id =
      resource.kind === 'execution'
        ? resource.id
        : event_type === 'approval.requested'
          ? data?.execution_id
          : undefined;
    if (typeof id === 'string' && !rows.some((row) => row.id === id)) setFresh((before) => new Set(before).add(id));
  });
  const isFiltered = Object.values(filters).some(Boolean);
  const show = (): void => {
    setFresh(new Set());
    void queryClient.invalidateQueries({ queryKey: options.queryKey });
  };
  return (
    <div className={open ? 'xl:grid xl:grid-cols-[minmax(0,1fr)_30rem] xl:items-start xl:gap-6' : ''}>
      <div className={open ? 'max-xl:hidden' : ''}>
        <PageHead title="Activity">
          {workspace.role === 'member'
            ? 'The calls that you made yourself, refused ones too: as member you see no others.'
            : 'Every call that reached the gate, refused ones too.'}{' '}
          Times are {timeZone()}.
        </PageHead>
        <Panel flush>
          <FilterBar
            values={filters}
            onChange={(search, replace = false) => void navigate({ search, replace })}
            search={{ label: 'Find a call', within: 'tool, caller or id' }}
            total={totalOf(list.data)}
            what={['call', 'calls']}
            fields={[
              {
                name: 'status',
                label: 'State',
                options: EXECUTION_STATUSES.map((status) => [status, stateWord(status)]),
              },
              { name: 'tool', label: 'Tool', pick: toolNames },
              { name: 'principal', label: 'Caller', pick: actors },
              { name: 'code', label: 'Code', placeholder: 'not_granted' },
              { name: 'run_id', label: 'Run', placeholder: 'its whole name' },
              { name: 'on_behalf_of', label: 'On behalf of', placeholder: 'in full' },
              { name: 'from', label: 'From', kind: 'time' },
              { name: 'to', label: 'To', kind: 'time' },
            ]}
          />
          <NewPill count={fresh.size} onShow={show} what={fresh.size === 1 ? 'call' : 'calls'} />
          <Listing
            query={list}
            caption="Tool calls, newest first"
            columns={columns(open !== undefined)}
            id={({ id }) => id}
            selected={open}
            onClear={isFiltered ? () => void navigate({ search: {} }) : undefined}
            empty={<NoCalls />}
            rows={10}
          />
        </Panel>
      </div>
      <div data-arrive={open} tabIndex={-1} className="min-w-0 outline-none xl:self-stretch">
        <Outlet />
      </div>
    </div>
  );
}

function NoCalls(): ReactNode {
  const { workspace } = useHere();
  // The server shows members their own calls only (api/rest/executions.ts).
  if (workspace.role === 'member') {
    return (
      <EmptyState icon="activity" title="No calls of your own yet">
        <p>
          As member you see the calls that you made yourself, such as by trying out a tool. Others may have made calls
          that owners, admins and viewers of this workspace see.
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="activity" title="No calls yet">
      <p>Calls appear here as agents make them.</p>
      <FirstCall />
    </EmptyState>
  );
}

/** Beside an open call there is room for less. */
function columns(narrow: boolean): Column<ExecutionView>[] {
  const all: (Column<ExecutionView> & { wide?: true })[] = [
    { head: 'Tool', cell: (row) => <CallLink row={row} narrow={narrow} /> },
    { head: 'State', cell: (row) => <Decision row={row} /> },
    {
      head: 'Caller',
      from: 'md',
      wide: true,
      cell: ({ principal }) => <SafeText text={principal.name ?? principal.id} />,
    },
    { head: 'Effect', from: 'lg', wide: true, cell: ({ effect }) => <EffectBadge effect={effect} /> },
    { head: 'Policy', from: 'xl', wide: true, cell: ({ policy }) => <PolicyBadge policy={policy} /> },
    {
      head: 'Took',
      from: 'sm',
      wide: true,
      right: true,
      cell: ({ duration_ms: ms }) => <span className="whitespace-nowrap">{took(ms)}</span>,
    },
    { head: 'When', right: true, cell: ({ created_at }) => <Time at={created_at} /> },
  ];
  return narrow ? all.filter(({ wide }) => !wide) : all;
}

function CallLink({ row, narrow }: { row: ExecutionView; narrow: boolean }): ReactNode {
  const slug = useSlug();
  return (
    <>
      <Link
        to="/w/$slug/activity/$id"
        params={{ slug, id: row.id }}
        search={(before) => before}
        className="inline-block min-h-6 font-semibold wrap-anywhere text-accent hover:underline"
      >
        <SafeText text={row.tool} />
      </Link>
      <span className={`block text-sm text-soft wrap-anywhere ${narrow ? '' : 'md:hidden'}`}>
        <SafeText text={row.principal.name ?? row.principal.id} />
      </span>
    </>
  );
}

function Decision({ row }: { row: ExecutionView }): ReactNode {
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <Stamp state={row.status} />
      {row.code && <code className="font-mono text-xs break-all text-soft">{row.code}</code>}
    </span>
  );
}

/** Milliseconds as a person reads them. */
export function took(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
