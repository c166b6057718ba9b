import { useMatch } from '@tanstack/react-router';
import { useEffect, useSyncExternalStore } from 'react';

type Named = { readonly depth: number; readonly page: string };

/** The pages that are open now: inside one there may be another, such as a call inside the list of calls. */
const named = new Set<Named>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The innermost page's name; empty while none has said it. */
export function pageTitle(): string {
  return [...named].reduce<Named>((inner, each) => (each.depth >= inner.depth ? each : inner), { depth: -1, page: '' })
    .page;
}

/** Names the page, for the tab and for those who are told where they are. */
export function useTitle(page: string): void {
  const depth = useMatch({ strict: false, select: ({ index }) => index });
  useEffect(() => {
    const entry = { depth, page };
    named.add(entry);
    tell();
    return () => {
      named.delete(entry);
      tell();
    };
  }, [page, depth]);
}

/** The name of the page that is open. */
export function usePageTitle(): string {
  return useSyncExternalStore(subscribe, pageTitle);
}
