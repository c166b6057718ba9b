import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApprovalView } from '../../api/types.ts';
import { EffectBadge, Stamp } from '../../components/badge.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Countdown, Time, useNow } from '../../components/time.tsx';
import { useSlug } from '../../workspace.tsx';

type Props = { row: ApprovalView; open: boolean; search: { status?: string | undefined; tool?: string | undefined } };

/** One approval in the list: who, what, how long. */
export function InboxRow({ row, open, search }: Props): ReactNode {
  const slug = useSlug();
  const now = useNow();
  const isOver = row.status === 'pending' && Date.parse(row.expires_at) <= now;
  const status = isOver ? 'expired' : row.status;
  const waits = status === 'pending';
  return (
    <li className="border-b border-rule last:border-0">
      <Link
        to="/w/$slug/inbox/$id"
        params={{ slug, id: row.id }}
        search={search}
        data-row={row.id}
        className={`block border-l-4 py-2.5 pr-4 pl-3 outline-offset-[-2px] hover:bg-well ${open ? 'border-accent bg-accent-wash' : 'border-transparent'} ${waits ? '' : 'text-soft'}`}
      >
        <span className="flex items-baseline justify-between gap-3">
          <span className="truncate font-semibold">{row.tool.name}</span>
          <span className="text-sm">
            {waits ? (
              <Countdown until={row.expires_at} />
            ) : (
              <Time at={row.decided_at ?? (isOver ? row.expires_at : row.created_at)} />
            )}
          </span>
        </span>
        <span className="mt-0.5 flex items-center justify-between gap-3 text-sm">
          <span className="truncate text-soft">
            <SafeText text={row.principal.name ?? row.principal.id} />
          </span>
          {waits ? <Waiting row={row} /> : <Stamp state={status} />}
        </span>
      </Link>
    </li>
  );
}

function Waiting({ row }: { row: ApprovalView }): ReactNode {
  return (
    <span className="flex shrink-0 items-center gap-2">
      {row.votes_needed > 1 && (
        <span className="text-soft">
          {row.votes} of {row.votes_needed} signed
        </span>
      )}
      <EffectBadge effect={row.tool.effect} />
    </span>
  );
}
