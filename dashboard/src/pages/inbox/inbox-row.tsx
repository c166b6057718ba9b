import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApprovalView } from '../../api/types.ts';
import { ApprovalStamp } from '../../components/badge.tsx';
import { Icon } from '../../components/icon.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Countdown, Time, useNow } from '../../components/time.tsx';
import { useSlug } from '../../workspace.tsx';
import { obstacleOf, obstacleTitle } from './obstacle.ts';
import type { InboxSearch } from './search.ts';

type Props = {
  row: ApprovalView;
  open: boolean;
  search: InboxSearch;
  /** Whether it is one of several that are to be denied; undefined where it cannot be. */
  picked: boolean | undefined;
  onPick: (picked: boolean) => void;
};

/** One approval in the list, in two lines: what it does; who asked, who signed, how long it waits. */
export function InboxRow({ row, open, search, picked, onPick }: Props): ReactNode {
  const slug = useSlug();
  const now = useNow();
  const obstacle = obstacleOf(row, now);
  const isOver = obstacle?.code === 'approval_expired';
  const waits = row.status === 'pending' && !isOver;
  const shown = isOver ? { ...row, status: 'expired' as const } : row;
  return (
    <li
      className={`flex border-b border-l-4 border-rule last:border-b-0 ${open ? 'border-l-accent bg-accent-wash' : 'border-l-transparent hover:bg-well'}`}
    >
      {picked !== undefined && (
        <label className="grid min-h-11 w-9 shrink-0 cursor-pointer place-items-center pl-1 pointer-coarse:w-11">
          <span className="sr-only">
            Select: <SafeText text={row.summary} />
          </span>
          <input
            type="checkbox"
            checked={picked}
            onChange={(event) => onPick(event.target.checked)}
            className="size-4.5 accent-accent"
          />
        </label>
      )}
      <Link
        to="/w/$slug/inbox/$id"
        params={{ slug, id: row.id }}
        search={search}
        data-row={row.id}
        aria-current={open ? 'true' : undefined}
        activeProps={{}}
        className={`block min-w-0 flex-1 py-2 pr-3 outline-offset-[-2px] ${picked === undefined ? 'pl-3' : 'pl-1'} ${waits && obstacle === null ? '' : 'text-soft'}`}
      >
        <span className="block truncate font-semibold" title={row.summary} data-summary>
          <SafeText text={row.summary} />
        </span>
        <span className="mt-0.5 flex items-center justify-between gap-3 text-sm">
          <span className="min-w-0 truncate text-soft">
            <SafeText text={row.principal.name ?? row.principal.id} /> · {row.tool.name}
          </span>
          <span className="flex shrink-0 items-center gap-2.5">
            {row.suspicious && (
              <span className="flex items-center gap-1 font-semibold text-care" data-suspicious>
                <Icon name="warn" size={14} />
                <span className="max-sm:sr-only">suspicious</span>
              </span>
            )}
            {waits ? <Signed row={row} /> : <ApprovalStamp approval={shown} />}
            {waits ? (
              <Countdown until={row.expires_at} />
            ) : (
              <Time at={row.decided_at ?? (isOver ? row.expires_at : row.created_at)} />
            )}
          </span>
        </span>
        {waits && obstacle !== null && (
          <span
            className="mt-0.5 flex items-center gap-1 text-sm font-semibold text-care"
            data-row-obstacle={obstacle.code}
          >
            <Icon name="stop" size={14} />
            {obstacleTitle(obstacle)}
          </span>
        )}
      </Link>
    </li>
  );
}

function Signed({ row }: { row: ApprovalView }): ReactNode {
  if (row.votes_needed < 2 && row.votes === 0) return null;
  const names = row.signed_by.map(({ name }) => name).join(', ');
  return (
    <span className="max-w-40 truncate text-soft" data-signed-by={names} title={names || undefined}>
      {row.votes} of {row.votes_needed}
      <span className={names === '' ? '' : 'max-sm:sr-only'}> signed</span>
      {names !== '' && (
        <>
          : <SafeText text={names} />
        </>
      )}
    </span>
  );
}
