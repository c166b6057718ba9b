import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import { Icon } from '../components/icon.tsx';
import { SafeText } from '../components/safe-text.tsx';
import { Countdown } from '../components/time.tsx';
import { useSlug } from '../workspace.tsx';

/** On every page while a kill switch is on: what is stopped, and why. */
export function Banner(): ReactNode {
  const slug = useSlug();
  const { data } = useQuery(queries.switches(slug, 'on'));
  const items = data?.items ?? [];
  // What passes although it is stopped is told first, and loudest.
  const [first, ...rest] = [...items].sort((a, b) => Number(b.break_glass !== null) - Number(a.break_glass !== null));
  if (first === undefined) return null;
  const what = first.scope === 'workspace' ? 'Every call in this workspace is stopped' : `A ${first.scope} is stopped`;
  return (
    <aside
      aria-label="Kill switch"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-no px-4 py-2 text-sm text-on-no sm:px-6"
    >
      <Icon name="stop" />
      <span className="min-w-0 flex-1 break-words">
        {first.break_glass === null ? (
          <>
            <strong>{what}</strong>: <SafeText text={first.reason} />
          </>
        ) : (
          <>
            <strong>
              Break-glass: calls pass a kill switch for <Countdown until={first.break_glass.until} />
            </strong>
            : <SafeText text={first.break_glass.reason} />
          </>
        )}
        {rest.length > 0 && ` (and ${rest.length} more)`}
      </span>
      <Link to="/w/$slug/kill-switches" params={{ slug }} className="font-semibold underline">
        Kill switches
      </Link>
    </aside>
  );
}
