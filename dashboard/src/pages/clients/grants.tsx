import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { ClientView, GrantView } from '../../api/types.ts';
import { EffectBadge, Note, PolicyBadge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { useMay, useSlug } from '../../workspace.tsx';
import { GrantDialog } from './grant-dialog.tsx';

/** What a client may call, and who must agree. */
export function Grants({ client }: { client: ClientView }): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const grants = useQuery(queries.grants(slug, client.id));
  const members = useQuery(queries.members(slug));
  const [open, setOpen] = useState<'new' | GrantView | null>(null);
  const [removing, setRemoving] = useState<GrantView | null>(null);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const mayManage = may('grants.manage') && client.status === 'active';
  const name = (id: string): string => members.data?.items.find((each) => each.id === id)?.name ?? id;
  const columns: Column<GrantView>[] = [
    { head: 'Tool', cell: ({ tool }) => <span className="font-semibold break-all">{tool}</span> },
    { head: 'Effect', from: 'sm', cell: ({ effect }) => <EffectBadge effect={effect} /> },
    { head: 'Policy', cell: ({ policy }) => <PolicyBadge policy={policy} /> },
    {
      head: 'May decide',
      from: 'md',
      cell: ({ policy, approver_user_ids: ids }) =>
        policy === 'auto' ? '–' : ['owner and admins', ...ids.map(name)].join(', '),
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
        <Loaded query={grants}>
          {({ items }) =>
            items.length > 0 ? (
              <Table
                caption="Grants"
                rows={items}
                columns={mayManage ? columns : columns.slice(0, -1)}
                id={({ id }) => id}
              />
            ) : (
              <EmptyState icon="tools" title="Nothing is granted">
                Every call of this client is refused until it is granted a tool.
              </EmptyState>
            )
          }
        </Loaded>
      </Panel>
      {open && (
        <GrantDialog
          client={client}
          grant={open === 'new' ? undefined : open}
          onClose={() => setOpen(null)}
          onWarnings={setWarnings}
        />
      )}
      {removing && <TakeBack grant={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}

function TakeBack({ grant, onClose }: { grant: GrantView; onClose: () => void }): ReactNode {
  const remove = useChange(() => ({ path: `/v1/clients/${grant.client_id}/grants/${grant.id}`, method: 'DELETE' }), {
    families: ['clients'],
    done: onClose,
  });
  return (
    <Confirm
      title={`Take back ${grant.tool}`}
      submit="Take back"
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate()}
    >
      Calls of this tool are refused from now on, approved ones too.
    </Confirm>
  );
}
