import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import { Icon } from '../../components/icon.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { useSlug } from '../../workspace.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { isUnderWay } from './under-way.ts';

/** How often an approved call is looked after while its end is not told yet, should the live stream be down. */
const LOOK_AGAIN_MS = 2_000;

/** One approval a page. */
export function ApprovalPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/inbox/$id' });
  const { status, tool } = useSearch({ from: '/w/$slug/inbox' });
  const approval = useQuery({
    ...queries.approval(slug, id),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? LOOK_AGAIN_MS : false),
  });
  return (
    <>
      <Link
        to="/w/$slug/inbox"
        params={{ slug }}
        search={{ status, tool }}
        className="mb-2 inline-flex min-h-11 items-center gap-1 font-semibold text-accent lg:hidden"
      >
        <Icon name="back" /> Inbox
      </Link>
      <Loaded query={approval}>{(data) => <ApprovalCard key={data.id} approval={data} />}</Loaded>
    </>
  );
}
