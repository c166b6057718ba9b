import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { ClientView, GrantView } from '../../api/types.ts';
import { EffectBadge, Note, PolicyBadge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Listing } from '../../components/listing.tsx';
import { rowsOf, totalOf } from '../../components/pages.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Name } from '../../names.tsx';
import { useMay, useSlug } from '../../workspace.tsx';
import { GrantDialog } from './grant-dialog.tsx';

/** What a client may call, and who must agree. */
export function Grants({ client }: { client: ClientView }): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/clients/$id' });
  const { q, tab } = useSearch({ from: '/w/$slug/clients/$id' });
  const grants = useInfiniteQuery(queries.grants(slug, client.id, { q }));
  const [open, setOpen] = useState<'new' | GrantView | null>(null);
  const [removing, setRemoving] = useState<GrantView | null>(null);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const mayManage = may('grants.manage') && client.status === 'active';
  // As it is now: somebody else may change it while the dialog is open.
  const opened =
    open === 'new' || open === null ? undefined : (rowsOf(grants.data).find(({ id }) => id === open.id) ?? open);
  const columns: Column<GrantView>[] = [
    { head: 'Tool', cell: ({ tool }) => <span className="font-semibold break-all">{tool}</span> },
    { head: 'Effect', from: 'sm', cell: ({ effect }) => <EffectBadge effect={effect} /> },
    {
      head: 'Policy',
      cell: ({ policy, rules }) => (
        <>
          <PolicyBadge policy={policy} />
          {rules.length > 0 && (
            <span className="block text-sm text-soft">
              {rules.length} rule{rules.length > 1 ? 's' : ''}
            </span>
          )}
        </>
      ),
    },
    {
      head: 'May decide',
      from: 'md',
      cell: ({ policy, rules, approver_user_ids: ids }) =>
        policy === 'auto' && rules.length === 0 ? (
          '–'
        ) : (
          <>
            owner and admins
            {ids.map((id) => (
              <span key={id}>
                , <Name id={id} />
              </span>
            ))}
          </>
        ),
    },
    {
      head: 'Change',
      right: true,
      cell: (grant) =>
        mayManage && (
          <span className="inline-flex flex-wrap justify-end gap-2">
            <Button aria-label={`Change the grant of ${grant.tool}`} onClick={() => setOpen(grant)}>
              Change…
            </Button>
            <Button kind="no" aria-label={`Take back the grant of ${grant.tool}`} onClick={() => setRemoving(grant)}>
              Take back…
            </Button>
          </span>
        ),
    },
  ];
  return (
    <div className="grid gap-4">
      {warnings.map((warning) => (
        <Note key={warning} tone="care">
          {warning}
        </Note>
      ))}
      <Panel
        title="Grants"
        flush
        aside={
          mayManage && (
            <Button icon="plus" onClick={() => setOpen('new')}>
              Grant a tool
            </Button>
          )
        }
      >
        <FilterBar
          fields={[]}
          values={{ q }}
          search={{ label: 'Find a grant', within: 'tool' }}
          total={totalOf(grants.data)}
          what={['grant', 'grants']}
          onChange={(next, replace = false) =>
            void navigate({ search: { tab, q: next.q }, replace, resetScroll: false })
          }
        />
        <Listing
          query={grants}
          caption="Grants"
          columns={mayManage ? columns : columns.slice(0, -1)}
          id={({ id }) => id}
          onClear={q ? () => void navigate({ search: { tab } }) : undefined}
          empty={
            <EmptyState icon="tools" title="Nothing is granted">
              Every call of this client is refused until it is granted a tool.
            </EmptyState>
          }
        />
      </Panel>
      {open && <GrantDialog client={client} grant={opened} onClose={() => setOpen(null)} onWarnings={setWarnings} />}
      {removing && <TakeBack grant={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}

function TakeBack({ grant, onClose }: { grant: GrantView; onClose: () => void }): ReactNode {
  return (
    <ConfirmChange
      title={`Take back ${grant.tool}`}
      submit="Take back"
      onClose={onClose}
      change={{ path: `/v1/clients/${grant.client_id}/grants/${grant.id}`, method: 'DELETE' }}
      families={['clients']}
      said={`${grant.tool} is taken back.`}
    >
      Calls of this tool are refused from now on, approved ones too.
    </ConfirmChange>
  );
}
