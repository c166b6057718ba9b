import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { ConnectorView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Listing } from '../../components/listing.tsx';
import { totalOf } from '../../components/pages.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay, useSlug } from '../../workspace.tsx';
import { ConnectorDialog } from './connector-dialog.tsx';

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
      <Panel flush>
        <FilterBar
          values={filters}
          onChange={(search, replace = false) => void navigate({ search, replace })}
          search={{ label: 'Find a connector', within: 'name' }}
          total={totalOf(connectors.data)}
          what={['connector', 'connectors']}
          fields={[
            {
              name: 'status',
              label: 'State',
              options: [
                ['authorized', 'authorized'],
                ['revoked', 'revoked'],
              ],
            },
          ]}
        />
        <Listing
          query={connectors}
          caption="Connectors"
          columns={COLUMNS}
          id={({ id }) => id}
          onClear={filters.status || filters.q ? () => void navigate({ search: {} }) : undefined}
          empty={
            <EmptyState icon="plug" title="No connectors yet">
              <p>Authorize the API that your agents should reach; then add a tool that calls it.</p>
              {add}
            </EmptyState>
          }
        />
      </Panel>
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
  { head: 'Connector', cell: (connector) => <ConnectorLink connector={connector} /> },
  { head: 'State', cell: ({ status }) => <Stamp state={status} /> },
  { head: 'Kind', from: 'md', cell: ({ kind }) => kind },
  { head: 'Tools', from: 'sm', right: true, cell: ({ tool_count }) => tool_count },
  { head: 'Changed', from: 'md', right: true, cell: ({ updated_at }) => <Time at={updated_at} /> },
];

function ConnectorLink({ connector: { id, name, target } }: { connector: ConnectorView }): ReactNode {
  return (
    <>
      <Link
        to="/w/$slug/connectors/$id"
        params={{ slug: useSlug(), id }}
        className="inline-block min-h-6 font-semibold wrap-anywhere text-accent hover:underline"
      >
        <SafeText text={name} />
      </Link>
      <span className="block text-sm text-soft wrap-anywhere">
        <SafeText text={target} />
      </span>
    </>
  );
}
