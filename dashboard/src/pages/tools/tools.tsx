import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import type { ToolView } from '../../api/types.ts';
import { EffectBadge, Stamp } from '../../components/badge.tsx';
import { buttonClass } from '../../components/button.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Icon } from '../../components/icon.tsx';
import { Listing } from '../../components/listing.tsx';
import { totalOf } from '../../components/pages.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay, useSlug } from '../../workspace.tsx';

/** The operations that agents can be granted. */
export function Tools(): ReactNode {
  useTitle('Tools');
  const { workspace } = useHere();
  const { slug } = workspace;
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/tools' });
  const filters = useSearch({ from: '/w/$slug/tools' });
  const tools = useInfiniteQuery(queries.tools(slug, filters));
  const add = may('tools.manage') && (
    <Link to="/w/$slug/tools/new" params={{ slug }} className={buttonClass('primary')}>
      <Icon name="plus" size={16} /> New tool
    </Link>
  );
  return (
    <>
      <PageHead title="Tools" aside={add}>
        One callable operation each, with the schema its arguments must fit. Approvals are pinned to the exact
        definition.
        {!may('tools.manage') && ` As ${workspace.role} you see them; owners and admins change them.`}
      </PageHead>
      <Panel flush>
        <FilterBar
          values={filters}
          onChange={(search, replace = false) => void navigate({ search, replace })}
          search={{ label: 'Find a tool', within: 'name' }}
          total={totalOf(tools.data)}
          what={['tool', 'tools']}
          fields={[
            {
              name: 'status',
              label: 'State',
              options: [
                ['active', 'active'],
                ['archived', 'archived'],
              ],
            },
          ]}
        />
        <Listing
          query={tools}
          caption="Tools"
          columns={COLUMNS}
          id={({ id }) => id}
          onClear={filters.status || filters.q ? () => void navigate({ search: {} }) : undefined}
          empty={
            <EmptyState icon="tools" title="No tools yet">
              <p>Add one that calls an HTTP API, then grant it to a client.</p>
              {add}
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}

const COLUMNS: readonly Column<ToolView>[] = [
  { head: 'Tool', cell: (tool) => <ToolLink tool={tool} /> },
  { head: 'Effect', cell: ({ effect }) => <EffectBadge effect={effect} /> },
  { head: 'State', from: 'sm', cell: ({ status }) => <Stamp state={status} /> },
  {
    head: 'Runs',
    from: 'lg',
    cell: ({ runs }) => <code className="font-mono text-xs break-all">{runs}</code>,
  },
  { head: 'Changed', from: 'md', right: true, cell: ({ updated_at }) => <Time at={updated_at} /> },
];

function ToolLink({ tool: { id, name, description } }: { tool: ToolView }): ReactNode {
  return (
    <>
      <Link
        to="/w/$slug/tools/$id"
        params={{ slug: useSlug(), id }}
        className="inline-block min-h-6 font-semibold break-all text-accent hover:underline"
      >
        {name}
      </Link>
      <span className="block text-sm text-soft wrap-anywhere">
        <SafeText text={description} />
      </span>
    </>
  );
}
