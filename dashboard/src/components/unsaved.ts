import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

/** Somebody is about to leave with something unsaved: the two ways on. Null while nobody is. */
export type Leaving = { readonly stay: () => void; readonly go: () => void } | null;

/**
 * Holds whoever leaves the page while something is written and not saved; the browser itself asks when the tab is
 * closed. Another part of the same page (filters, tabs) is no leaving. `LeaveDialog` shows what this returns.
 */
export function useUnsaved(unsaved: boolean): Leaving {
  const latest = useRef(unsaved);
  useEffect(() => {
    latest.current = unsaved;
  });
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => latest.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => latest.current,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return { stay: blocker.reset, go: blocker.proceed };
}
