import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { TOOL_STATUSES } from '../../../../src/kernel/statuses.ts';
import { queries } from '../../api/queries.ts';
import type { ToolView } from '../../api/types.ts';
import { EffectBadge, Stamp } from '../../components/badge.tsx';
import { buttonClass } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ListPanel, RowLink } from '../../components/list-panel.tsx';
import { PageHead } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';

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
    <>
      <Link to="/w/$slug/tools/import" params={{ slug }} className={buttonClass()}>
        Import OpenAPI…
      </Link>
      <Link to="/w/$slug/tools/new" params={{ slug }} className={buttonClass('primary')}>
        <Icon name="plus" size={16} /> New tool
      </Link>
    </>
  );
  return (
    <>
      <PageHead title="Tools" aside={add}>
        One callable operation each, with the schema its arguments must fit. Approvals are pinned to the exact
        definition.
        {!may('tools.manage') && ` As ${workspace.role} you see them; owners and admins change them.`}
      </PageHead>
      <ListPanel
        query={tools}
        filters={filters}
        onFilter={(search, replace) => void navigate({ search, replace })}
        what={['tool', 'tools']}
        caption="Tools"
        states={TOOL_STATUSES}
        columns={COLUMNS}
        empty={
          <EmptyState icon="tools" title="No tools yet">
            <p>Add one that calls an HTTP API, then grant it to a client.</p>
            {add}
          </EmptyState>
        }
      />
    </>
  );
}

const COLUMNS: readonly Column<ToolView>[] = [
  { head: 'Tool', cell: (tool) => <RowLink to="/w/$slug/tools/$id" row={tool} below={tool.description} /> },
  { head: 'Effect', cell: ({ effect }) => <EffectBadge effect={effect} /> },
  { head: 'State', from: 'sm', cell: ({ status }) => <Stamp state={status} /> },
  {
    head: 'Runs',
    from: 'lg',
    cell: ({ runs }) => <code className="font-mono text-xs break-all">{runs}</code>,
  },
  { head: 'Changed', from: 'md', right: true, cell: ({ updated_at }) => <Time at={updated_at} /> },
];
