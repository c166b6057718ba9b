import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Waiting } from '../api/types.ts';
import { SafeText } from '../components/safe-text.tsx';
import { Countdown } from '../components/time.tsx';
import { useSlug } from '../workspace.tsx';

/** The approvals that expire first, each with what it is about and the time left. */
export function Soonest({ waiting }: { waiting: Waiting }): ReactNode {
  const slug = useSlug();
  if (waiting.soonest.length === 0) {
    return <p className="text-soft">{waiting.pending === 0 ? 'Nothing waits.' : othersDecide(waiting.pending)}</p>;
  }
  return (
    <>
      <ul className="grid divide-y divide-rule">
        {waiting.soonest.map(({ id, tool, summary, principal, expires_at }) => (
          <li key={id} className="py-2 first:pt-0 last:pb-0">
            <Link to="/w/$slug/inbox/$id" params={{ slug, id }} className="block rounded-doc hover:bg-well">
              <span className="flex items-baseline justify-between gap-3">
                <span className="min-w-0 font-semibold break-words">
                  <SafeText text={summary} />
                </span>
                <span className="shrink-0 text-sm">
                  <Countdown until={expires_at} />
                </span>
              </span>
              <span className="block truncate text-sm text-soft">
                {tool.name} · <SafeText text={principal.name ?? principal.id} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {waiting.decidable > waiting.soonest.length && (
        <p className="mt-2 text-sm text-soft">
          {(waiting.decidable - waiting.soonest.length).toLocaleString()} more wait for you
          {waiting.pending > waiting.decidable &&
            `; ${(waiting.pending - waiting.decidable).toLocaleString()} wait that you cannot decide now`}
          .
        </p>
      )}
    </>
  );
}

function othersDecide(pending: number): string {
  return pending === 1
    ? 'One waits, which you cannot decide now.'
    : `${pending.toLocaleString()} wait, none of which you can decide now.`;
}
