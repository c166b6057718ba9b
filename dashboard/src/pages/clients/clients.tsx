import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { CLIENT_STATUSES } from '../../../../src/kernel/statuses.ts';
import { queries } from '../../api/queries.ts';
import type { ClientView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ListPanel, RowLink } from '../../components/list-panel.tsx';
import { PageHead } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { ClientDialog } from './client-dialog.tsx';

/** The external agents of the workspace. */
export function Clients(): ReactNode {
  useTitle('Clients');
  const { workspace } = useHere();
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/clients' });
  const filters = useSearch({ from: '/w/$slug/clients' });
  const clients = useInfiniteQuery(queries.clients(workspace.slug, filters));
  const [making, setMaking] = useState(false);
  const mayManage = may('clients.manage');
  return (
    <>
      <PageHead
        title="Clients"
        aside={
          mayManage && (
            <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
              New client
            </Button>
          )
        }
      >
        Agents outside that call through this gate. Each has its own tokens and its own grants; without a grant it may
        call nothing.
        {!mayManage && ` As ${workspace.role} you see them; owners and admins change them.`}
      </PageHead>
      <ListPanel
        query={clients}
        filters={filters}
        onFilter={(search, replace) => void navigate({ search, replace })}
        what={['client', 'clients']}
        caption="Integration clients"
        states={CLIENT_STATUSES}
        columns={COLUMNS}
        empty={
          <EmptyState icon="clients" title="No clients yet">
            <p>Register an agent, grant it a tool, and give it a token.</p>
            {mayManage && (
              <Button kind="primary" onClick={() => setMaking(true)}>
                New client
              </Button>
            )}
          </EmptyState>
        }
      />
      {making && (
        <ClientDialog
          onClose={() => setMaking(false)}
          onDone={({ id }) => void navigate({ to: '/w/$slug/clients/$id', params: { slug: workspace.slug, id } })}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<ClientView>[] = [
  { head: 'Client', cell: (client) => <RowLink to="/w/$slug/clients/$id" row={client} below={client.description} /> },
  { head: 'State', cell: ({ status }) => <Stamp state={status} /> },
  { head: 'May', from: 'md', cell: ({ draft_only }) => (draft_only ? 'read and draft only' : 'what is granted') },
  {
    head: 'Calls a minute',
    from: 'lg',
    right: true,
    cell: ({ rpm_limit }) => (rpm_limit === 0 ? 'no limit' : rpm_limit),
  },
  { head: 'Last used', from: 'sm', right: true, cell: ({ last_used_at }) => <Time at={last_used_at} /> },
];
