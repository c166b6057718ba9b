import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { AuditLink } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { More, NewPill } from '../../components/pages.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState, ErrorState, ForbiddenState, Loading, NoMatch } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time, timeZone } from '../../components/time.tsx';
import { useLiveEvents } from '../../live/live.tsx';
import { useNames } from '../../names.ts';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { ExportButtons } from './export-buttons.tsx';
import { VerifyButton } from './verify-button.tsx';

const FAMILIES = [
  'approval.',
  'execution.',
  'kill_switch.',
  'client.',
  'token.',
  'policy.',
  'tool.',
  'connector.',
  'member.',
  'settings.',
  'audit.',
] as const;

/** The workspace's chain: what was done, by whom, and the proof that nobody changed it since. */
export function Audit(): ReactNode {
  useTitle('Audit');
  const { workspace } = useHere();
  const may = useMay();
  if (!may('audit.read')) return <ForbiddenState what="read the audit log" role={workspace.role} />;
  return <Log slug={workspace.slug} />;
}

function Log({ slug }: { slug: string }): ReactNode {
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/audit' });
  const queryClient = useQueryClient();
  const { seq, ...filters } = useSearch({ from: '/w/$slug/audit' });
  const options = queries.audit(slug, filters);
  const list = useInfiniteQuery(options);
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const names = useNames();
  const [newest, setNewest] = useState(0);
  useLiveEvents((event) => setNewest(event.seq));
  const isFiltered = Object.values(filters).some(Boolean);
  const fresh = isFiltered || rows.length === 0 ? 0 : Math.max(0, newest - rows[0]!.seq);
  const open = rows.find((row) => String(row.seq) === seq);
  const choose = (row: AuditLink): void =>
    void navigate({ search: { ...filters, seq: String(row.seq) }, resetScroll: false });
  return (
    <>
      <PageHead title="Audit" aside={may('audit.verify') && <VerifyButton />}>
        One chain for this workspace: each entry's hash holds the one before. Times are {timeZone()}.
      </PageHead>
      <Panel flush>
        <FilterBar
          values={filters}
          onChange={(search) => void navigate({ search })}
          fields={[
            {
              name: 'event',
              label: 'Event',
              options: FAMILIES.map((family) => [family, family.slice(0, -1).replaceAll('_', ' ')]),
            },
            { name: 'tool', label: 'Tool', placeholder: 'email.send' },
            { name: 'actor', label: 'Actor', placeholder: 'usr_… or icl_…' },
            { name: 'resource', label: 'About', placeholder: 'apv_…, exe_…' },
            { name: 'outcome', label: 'Outcome', placeholder: 'denied' },
            { name: 'from', label: 'From', kind: 'time' },
            { name: 'to', label: 'To', kind: 'time' },
          ]}
          aside={may('audit.export') && <ExportButtons filters={filters} />}
        />
        <NewPill
          count={fresh}
          what={fresh === 1 ? 'entry' : 'entries'}
          onShow={() => void queryClient.invalidateQueries({ queryKey: options.queryKey })}
        />
        {list.data === undefined &&
          (list.error ? (
            <ErrorState problem={list.error} onRetry={() => void list.refetch()} />
          ) : (
            <Loading rows={10} label="Loading the log" />
          ))}
        {list.data !== undefined &&
          rows.length === 0 &&
          (isFiltered ? (
            <NoMatch onClear={() => void navigate({ search: {} })} />
          ) : (
            <EmptyState icon="audit" title="Nothing yet">
              The first change in this workspace begins the chain.
            </EmptyState>
          ))}
        {rows.length > 0 && (
          <>
            <Table
              caption="Audit entries, newest first"
              rows={rows}
              columns={columns(choose, names.known)}
              id={(row) => String(row.seq)}
              selected={seq}
            />
            <More query={list} count={rows.length} />
          </>
        )}
      </Panel>
      {open && <EntryDialog link={open} onClose={() => void navigate({ search: filters, resetScroll: false })} />}
    </>
  );
}

function columns(choose: (row: AuditLink) => void, known: (id: string) => string | undefined): Column<AuditLink>[] {
  return [
    {
      head: 'No.',
      from: 'sm',
      right: true,
      cell: ({ seq }) => <span className="font-mono text-xs text-soft">{seq}</span>,
    },
    {
      head: 'Event',
      cell: (row) => (
        <Button kind="quiet" className="-mx-3.5 !min-h-6 !py-0" onClick={() => choose(row)}>
          {row.entry.event_type}
        </Button>
      ),
    },
    { head: 'Outcome', from: 'md', cell: ({ entry }) => entry.outcome },
    {
      head: 'Actor',
      from: 'lg',
      cell: ({ entry }) => <Id kind={known(entry.actor.id) ?? entry.actor.kind} id={entry.actor.id} />,
    },
    {
      head: 'About',
      cell: ({ entry }) => (
        <Id kind={toolOf(entry.data) ?? known(entry.resource.id) ?? entry.resource.kind} id={entry.resource.id} />
      ),
    },
    { head: 'When', right: true, cell: ({ entry }) => <Time at={entry.at} /> },
  ];
}

function toolOf(data: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return typeof data?.tool === 'string' ? data.tool : undefined;
}

function Id({ kind, id }: { kind: string; id: string }): ReactNode {
  return (
    <>
      <span className="break-words">
        <SafeText text={kind.replaceAll('_', ' ')} />
      </span>
      <code className="block font-mono text-xs break-all text-soft max-md:hidden">{id}</code>
    </>
  );
}
