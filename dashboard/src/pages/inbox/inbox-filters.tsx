import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Waiting } from '../../api/types.ts';
import { actors, toolNames } from '../../components/pick-sources.ts';
import { Picker } from '../../components/picker.tsx';
import { useMay, useSlug } from '../../workspace.tsx';
import type { InboxSearch } from './search.ts';

/** States to look at. What a used approval came to is its call's word, which every row has. */
const TABS = [
  ['pending', 'Waiting'],
  ['approved', 'Approved'],
  ['consumed', 'Carried out'],
  ['denied', 'Denied'],
  ['expired', 'Expired'],
  ['all', 'All'],
] as const;

const TAB =
  'rounded-doc border px-2 py-1 text-[0.8125rem] whitespace-nowrap pointer-coarse:py-2 aria-[current=page]:border-accent aria-[current=page]:bg-accent aria-[current=page]:font-semibold aria-[current=page]:text-on-accent border-transparent text-soft hover:bg-sheet hover:text-ink';

/** Which approvals are listed: by state, mine or all, by tool and caller. */
export function InboxFilters({
  search,
  show,
  waiting,
}: {
  search: InboxSearch;
  show: string;
  waiting?: Waiting;
}): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const navigate = useNavigate();
  const { status = 'pending', group } = search;
  const isNarrowed = search.tool !== undefined || search.principal !== undefined || group !== undefined;
  const to = (change: InboxSearch) =>
    ({ to: '/w/$slug/inbox', params: { slug }, search: { ...search, ...change } }) as const;
  return (
    <>
      <nav aria-label="State" className="mb-1.5 flex flex-wrap gap-0.5">
        {TABS.map(([value, label]) => (
          <Link
            key={value}
            {...to({ status: value === 'pending' ? undefined : value })}
            aria-current={status === value ? 'page' : undefined}
            activeProps={{}}
            className={TAB}
          >
            {label}
          </Link>
        ))}
      </nav>
      {status === 'pending' && may('approvals.decide') && (
        <nav aria-label="Whose" className="mb-1.5 flex flex-wrap gap-0.5">
          <Link
            {...to({ show: undefined })}
            aria-current={show === 'mine' ? 'page' : undefined}
            activeProps={{}}
            className={TAB}
          >
            I can decide{waiting && ` (${waiting.decidable})`}
          </Link>
          <Link
            {...to({ show: 'all' })}
            aria-current={show === 'all' ? 'page' : undefined}
            activeProps={{}}
            className={TAB}
          >
            All waiting{waiting && ` (${waiting.pending})`}
          </Link>
        </nav>
      )}
      <details className="mb-2" open={isNarrowed}>
        <summary className="w-fit py-1 text-sm font-semibold text-accent pointer-coarse:py-2.5">
          Filter and group
        </summary>
        <search aria-label="Filters" className="grid gap-2 pb-1 sm:grid-cols-2">
          <Picker
            label="Tool"
            source={toolNames}
            value={search.tool ?? ''}
            clearable
            onChange={(tool) => void navigate(to({ tool: tool || undefined }))}
          />
          <Picker
            label="Caller"
            source={actors}
            value={search.principal ?? ''}
            clearable
            onChange={(principal) => void navigate(to({ principal: principal || undefined }))}
          />
          <label className="flex min-h-9 items-center gap-2 text-sm pointer-coarse:min-h-11">
            <input
              type="checkbox"
              checked={group === 'caller'}
              onChange={(event) => void navigate(to({ group: event.target.checked ? 'caller' : undefined }))}
              className="size-4.5 accent-accent"
            />
            Group by caller
          </label>
        </search>
      </details>
    </>
  );
}
