import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { CONNECTOR_STATUSES } from '../../../../src/kernel/statuses.ts';
import { queries } from '../../api/queries.ts';
import type { ConnectorView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { ListPanel, RowLink } from '../../components/list-panel.tsx';
import { PageHead } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { ConnectorDialog } from './connector-dialog.tsx';
import { ConnectorStamps } from './connector-stamps.tsx';

/** The outside systems that tools may reach. */
export function Connectors(): ReactNode {
  useTitle('Connectors');
  const { workspace } = useHere();
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/connectors' });
  const filters = useSearch({ from: '/w/$slug/connectors' });
  const connectors = useInfiniteQuery(queries.connectors(workspace.slug, filters));
  const [making, setMaking] = useState(false);
  const mayManage = may('connectors.manage');
  const add = mayManage && (
    <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
      New connector
    </Button>
  );
  return (
    <>
      <PageHead title="Connectors" aside={add}>
        Where calls may go: one outside system each. Tools say what is done there; revoking a connector stops all of
        them.
        {!mayManage && ` As ${workspace.role} you see them; owners and admins change them.`}
      </PageHead>
      <ListPanel
        query={connectors}
        filters={filters}
        onFilter={(search, replace) => void navigate({ search, replace })}
        what={['connector', 'connectors']}
        caption="Connectors"
        states={CONNECTOR_STATUSES}
        columns={COLUMNS}
        empty={
          <EmptyState icon="plug" title="No connectors yet">
            <p>Make one for the API that your agents should reach; then add a tool that calls it.</p>
            {add}
          </EmptyState>
        }
      />
      {making && (
        <ConnectorDialog
          onClose={() => setMaking(false)}
          onDone={({ id }) => void navigate({ to: '/w/$slug/connectors/$id', params: { slug: workspace.slug, id } })}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<ConnectorView>[] = [
  {
    head: 'Connector',
    cell: (connector) => <RowLink to="/w/$slug/connectors/$id" row={connector} below={connector.target} />,
  },
  { head: 'State', cell: (connector) => <ConnectorStamps connector={connector} /> },
  { head: 'Kind', from: 'md', cell: ({ kind }) => kind },
  { head: 'Tools', from: 'sm', right: true, cell: ({ tool_count }) => tool_count },
  { head: 'Changed', from: 'md', right: true, cell: ({ updated_at }) => <Time at={updated_at} /> },
];
