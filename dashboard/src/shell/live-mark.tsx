import type { ReactNode } from 'react';
import { useStreamState } from '../live/live.tsx';
import { useOnline } from '../live/online.ts';
import { useHere } from '../workspace.tsx';

/** Whether what is on screen follows what happens. */
export function LiveMark(): ReactNode {
  const stream = useStreamState();
  const online = useOnline();
  const { workspace } = useHere();
  const state = stream === 'unreachable' ? 'stale' : stream;
  const words = { connecting: 'Connecting', live: 'Live', stale: 'Stale: reconnecting', off: 'Not live' }[state];
  return (
    <p role="status" data-stream={state} className="flex shrink-0 items-center gap-1.5 text-xs text-rail-soft">
      <span
        aria-hidden="true"
        className={`size-2 rounded-full ${state === 'live' && online ? 'bg-brass' : 'border border-brass'}`}
      />
      <span className={state === 'live' && online ? 'max-lg:sr-only' : 'font-semibold text-brass max-sm:sr-only'}>
        {online ? words : 'Offline'}
      </span>
      <span className="sr-only"> updates of {workspace.name}</span>
    </p>
  );
}
