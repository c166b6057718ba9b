import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useSyncExternalStore } from 'react';
import { problemKind } from '../api/problem-text.ts';
import { Icon } from '../components/icon.tsx';
import { SignInAgain } from '../components/sign-in-again.tsx';

/** Once the sign-in has ended: the way to a new one over this page, so that what was being written here stays. */
export function SignedOutBanner(): ReactNode {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((listener: () => void) => cache.subscribe(listener), [cache]);
  const isOut = useSyncExternalStore(subscribe, () =>
    cache.getAll().some((query) => query.isActive() && problemKind(query.state.error) === 'signed-out'),
  );
  return (
    <div role="status" data-signed-out={isOut ? '' : undefined}>
      {isOut && (
        <p className="flex flex-wrap items-center gap-x-3 border-b border-care bg-care-wash px-3 py-2 text-sm text-care sm:px-6">
          <Icon name="out" />
          <span className="min-w-0 flex-1">
            <strong>Your sign-in has ended.</strong> What you were writing stays here.
          </span>
          <SignInAgain />
        </p>
      )}
    </div>
  );
}
