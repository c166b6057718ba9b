import { useState } from 'react';

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]';

/**
 * Where focus goes when what opened now closes: to what had it, or, where that is gone with what was done (a row that
 * was deleted), to the nearest thing around it that is still there.
 */
export function useWayBack(): (event: Event) => void {
  const [path] = useState<readonly Element[]>(() => {
    const path: Element[] = [];
    for (let at = document.activeElement; at !== null; at = at.parentElement) path.push(at);
    return path;
  });
  return (event) => {
    event.preventDefault();
    // Whatever was done may have led to another page, which puts focus where it belongs.
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const [opener] = path;
    const goal = opener !== document.body && isThere(opener) ? opener : nearest(path);
    (goal as HTMLElement | undefined)?.focus({ preventScroll: goal !== opener });
  };
}

function isThere(element: Element | undefined): boolean {
  return element?.isConnected === true && element.getClientRects().length > 0;
}

function nearest(path: readonly Element[]): Element | undefined {
  for (const around of path.slice(1)) {
    if (!around.isConnected || around === document.body || around === document.documentElement) continue;
    if (around.id === 'main') break;
    const inside = [...around.querySelectorAll(FOCUSABLE)].find(isThere);
    if (inside) return inside;
  }
  return document.getElementById('main') ?? undefined;
}
