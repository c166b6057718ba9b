import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { DRAFT_STATUSES } from '../../../../src/kernel/statuses.ts';
import { queries } from '../../api/queries.ts';
import type { DraftView } from '../../api/types.ts';
import { EffectBadge, Stamp } from '../../components/badge.tsx';
import { ListPanel, RowLink } from '../../components/list-panel.tsx';
import { PageHead } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useSlug } from '../../workspace.tsx';

/** What clients that may only draft would have done. */
export function Drafts(): ReactNode {
  useTitle('Drafts');
  const slug = useSlug();
  const navigate = useNavigate({ from: '/w/$slug/drafts' });
  const filters = useSearch({ from: '/w/$slug/drafts' });
  const drafts = useInfiniteQuery(queries.drafts(slug, filters));
  return (
    <>
      <PageHead title="Drafts">
        Calls of clients that may only draft. Nothing of them has run: a member publishes, edits or discards each.
      </PageHead>
      <ListPanel
        query={drafts}
        filters={filters}
        onFilter={(search, replace) => void navigate({ search, replace })}
        what={['draft', 'drafts']}
        caption="Drafts"
        states={DRAFT_STATUSES}
        columns={COLUMNS}
        empty={
          <EmptyState icon="check" title="No drafts">
            When a client that may only draft calls a tool with an effect outside, the call waits here.
          </EmptyState>
        }
      />
    </>
  );
}

const COLUMNS: readonly Column<DraftView>[] = [
  {
    head: 'What it would do',
    cell: (draft) => (
      <RowLink to="/w/$slug/drafts/$id" row={{ id: draft.id, name: draft.summary }} below={draft.tool.name} />
    ),
  },
  { head: 'Effect', from: 'md', cell: ({ tool }) => <EffectBadge effect={tool.effect} /> },
  { head: 'Client', from: 'sm', cell: ({ client }) => <SafeText text={client.name} /> },
  { head: 'State', cell: ({ status }) => <Stamp state={status} /> },
  { head: 'Drafted', from: 'sm', right: true, cell: ({ created_at }) => <Time at={created_at} /> },
];
