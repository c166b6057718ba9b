import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { waitingQuery } from '../api/overview.ts';
import { Icon } from '../components/icon.tsx';
import { useSlug } from '../workspace.tsx';
import { usePending } from './pending.ts';
import { Popup } from './popup.tsx';
import { Soonest } from './soonest.tsx';

/** How many approvals wait, and the three that expire first. */
export function Bell({ className }: { className: string }): ReactNode {
  const slug = useSlug();
  const pending = usePending();
  const { data } = useQuery(waitingQuery(slug));
  return (
    <Popup
      label="Waiting for you"
      className={className}
      button={
        <>
          <Icon name="bell" />
          <span className="sr-only">Waiting for you: {pending ?? 'nothing'}</span>
          {pending !== null && (
            <span
              aria-hidden="true"
              className="absolute -top-0.5 -right-0.5 rounded-full bg-brass px-1 text-[0.6875rem] leading-4 font-bold text-rail"
            >
              {pending}
            </span>
          )}
        </>
      }
    >
      <h2 className="mb-2 text-lg">Waiting for you</h2>
      {data && <Soonest waiting={data} />}
      <Link to="/w/$slug/inbox" params={{ slug }} className="mt-3 inline-block font-semibold text-accent underline">
        Open the inbox
      </Link>
    </Popup>
  );
}
