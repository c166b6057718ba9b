import { useSyncExternalStore } from 'react';

const KEY = 'countersign.density';
const listeners = new Set<() => void>();

let isCompact = read() === 'compact';
apply();

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** theme.css does the rest. */
function apply(): void {
  if (isCompact) document.documentElement.dataset.density = 'compact';
  else delete document.documentElement.dataset.density;
}

function set(compact: boolean): void {
  isCompact = compact;
  apply();
  try {
    localStorage.setItem(KEY, compact ? 'compact' : 'roomy');
  } catch {
    // Without storage the choice holds until the page is closed.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the rows of tables stand close, as this browser's owner chose, and the way to choose. */
export function useDensity(): [isCompact: boolean, set: (compact: boolean) => void] {
  return [useSyncExternalStore(subscribe, () => isCompact), set];
}
