import { useEffect } from 'react';
import { useHere } from './workspace.tsx';

/** Names the tab: the page first, then the workspace. */
export function useTitle(page: string): void {
  const { workspace } = useHere();
  useEffect(() => {
    document.title = `${page} · ${workspace.name} · Countersign`;
  }, [page, workspace.name]);
}
