import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { AuditLink } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Listing } from '../../components/listing.tsx';
import { NewPill, totalOf } from '../../components/pages.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { actors, auditEvents, toolNames } from '../../components/pick-sources.ts';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState, ForbiddenState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time, timeZone } from '../../components/time.tsx';
import { useLiveEvents } from '../../live/live.tsx';
import { useName } from '../../names.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { ExportButtons } from './export-buttons.tsx';
import { useVerify } from './verify.tsx';

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
  const verify = useVerify();
  const [newest, setNewest] = useState(0);
  useLiveEvents((event) => setNewest(event.seq));
  const isFiltered = Object.values(filters).some(Boolean);
  const fresh = isFiltered || rows.length === 0 ? 0 : Math.max(0, newest - rows[0]!.seq);
  const open = rows.find((row) => String(row.seq) === seq);
  const choose = (row: AuditLink): void =>
    void navigate({ search: { ...filters, seq: String(row.seq) }, resetScroll: false });
  return (
    <>
      <PageHead title="Audit" aside={may('audit.verify') && verify.button}>
        One chain for this workspace: each entry's hash holds the one before. Times are {timeZone()}.
      </PageHead>
      {verify.result}
      <Panel flush>
        <FilterBar
          values={filters}
          onChange={(search) => void navigate({ search })}
          total={totalOf(list.data)}
          what={['entry', 'entries']}
          fields={[
            { name: 'event', label: 'Event', pick: auditEvents },
            { name: 'tool', label: 'Tool', pick: toolNames },
            { name: 'actor', label: 'Actor', pick: actors },
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
        <Listing
          query={list}
          caption="Audit entries, newest first"
          columns={columns(choose)}
          id={(row) => String(row.seq)}
          selected={seq}
          onClear={isFiltered ? () => void navigate({ search: {} }) : undefined}
          empty={
            <EmptyState icon="audit" title="Nothing yet">
              The first change in this workspace begins the chain.
            </EmptyState>
          }
          rows={10}
        />
      </Panel>
      {open && <EntryDialog link={open} onClose={() => void navigate({ search: filters, resetScroll: false })} />}
    </>
  );
}

function columns(choose: (row: AuditLink) => void): Column<AuditLink>[] {
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
      cell: ({ entry }) => <Id kind={entry.actor.kind} id={entry.actor.id} />,
    },
    {
      head: 'About',
      cell: ({ entry }) => <Id kind={entry.resource.kind} id={entry.resource.id} name={toolOf(entry.data)} />,
    },
    { head: 'When', right: true, cell: ({ entry }) => <Time at={entry.at} /> },
  ];
}

function toolOf(data: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return typeof data?.tool === 'string' ? data.tool : undefined;
}

function Id({ kind, id, name }: { kind: string; id: string; name?: string | undefined }): ReactNode {
  const known = useName(id);
  return (
    <>
      <span className="wrap-anywhere">
        <SafeText text={name ?? known ?? kind.replaceAll('_', ' ')} />
      </span>
      <code className="block font-mono text-xs break-all text-soft max-md:hidden">{id}</code>
    </>
  );
}
