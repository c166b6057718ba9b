import { useSyncExternalStore } from 'react';
import { useStreamState } from './live.tsx';

/** Why nothing can be sent now: said beside what cannot be pressed. */
export const OFFLINE = 'You are offline. Nothing can be sent until the connection is back.';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Whether the browser says that it has a network. True says little: the server may be out of reach all the same. */
export function useHasNetwork(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

/** Whether the server can be reached, as far as the browser and the live stream know. Nothing is sent while it cannot. */
export function useOnline(): boolean {
  const hasNetwork = useHasNetwork();
  const stream = useStreamState();
  return hasNetwork && stream !== 'unreachable';
}
