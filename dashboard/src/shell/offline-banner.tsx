import type { ReactNode } from 'react';
import { Icon } from '../components/icon.tsx';
import { useHasNetwork, useOnline } from '../live/online.ts';

/** On every page while the server is out of reach: what is on screen may be old, and nothing can be decided. */
export function OfflineBanner(): ReactNode {
  const online = useOnline();
  const hasNetwork = useHasNetwork();
  return (
    <div role="status" data-offline={online ? undefined : ''}>
      {!online && (
        <p className="flex items-center gap-3 border-b border-care bg-care-wash px-3 py-2 text-sm text-care sm:px-6">
          <Icon name="offline" />
          <span className="min-w-0">
            <strong>{hasNetwork ? 'Countersign cannot be reached.' : 'You are offline.'}</strong> What is on screen may
            be old, and nothing can be decided or changed. Nothing is kept to be sent later.
          </span>
        </p>
      )}
    </div>
  );
}
