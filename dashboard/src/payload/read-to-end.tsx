import { type ReactNode, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { firstUnseen, GAP_PX, type Seen, shareOf, withPart } from './seen.ts';

/** How far what must be read was on screen. */
export type Reading = {
  /** Everything was on screen, part after part. */
  readonly read: boolean;
  /** How much was, in percent. */
  readonly percent: number;
  /** Brings the first part that was not into view. */
  readonly showUnseen: () => void;
};

type Reader = Reading & { readonly box: RefObject<HTMLDivElement | null>; readonly end: ReactNode };

/** A part is brought into view with so much of what was before it. */
const CONTEXT_PX = 48;

/**
 * Follows what of a box was on screen. What a jump left out was not, however far it went; where the whole box is in
 * view, nothing has to be scrolled. What lies under something sticky was not seen. `of` names what is read.
 */
export function useReadToEnd(of: string): Reader {
  const box = useRef<HTMLDivElement>(null);
  const seen = useRef<{ of: string; parts: Seen }>({ of, parts: [] });
  const [done, setDone] = useState<string | null>(null);
  const [percent, setPercent] = useState(0);
  const read = done === of;

  useEffect(() => {
    if (read) return;
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const element = box.current;
      if (element === null || document.visibilityState !== 'visible' || document.querySelector('[role="dialog"]'))
        return;
      const { top, height } = element.getBoundingClientRect();
      if (height === 0) return;
      const [from, to] = uncovered(element);
      const gap = GAP_PX / height;
      const before = seen.current.of === of ? seen.current.parts : [];
      const parts = withPart(before, Math.max(0, (from - top) / height), Math.min(1, (to - top) / height), gap);
      seen.current = { of, parts };
      setPercent(Math.floor(shareOf(parts) * 100));
      if (firstUnseen(parts, gap) === null) setDone(of);
    };
    const soon = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    const sizes = new ResizeObserver(soon);
    if (box.current) sizes.observe(box.current);
    // Scrolling does not bubble, and something around the box may be what scrolls.
    window.addEventListener('scroll', soon, { passive: true, capture: true });
    window.addEventListener('resize', soon);
    document.addEventListener('visibilitychange', soon);
    return () => {
      cancelAnimationFrame(frame);
      sizes.disconnect();
      window.removeEventListener('scroll', soon, { capture: true });
      window.removeEventListener('resize', soon);
      document.removeEventListener('visibilitychange', soon);
    };
  }, [of, read]);

  const showUnseen = useCallback((): void => {
    const element = box.current;
    if (element === null) return;
    const { top, height } = element.getBoundingClientRect();
    const at = firstUnseen(seen.current.parts, GAP_PX / height) ?? 0;
    window.scrollBy({ top: top + at * height - uncovered(element)[0] - CONTEXT_PX });
  }, []);

  return {
    read,
    percent: read ? 100 : percent,
    showUnseen,
    box,
    end: <span data-end-of-payload aria-hidden="true" className="block h-px" />,
  };
}

/** The part of the window in which an element can be seen: less a bar that sticks to the top, and the decision bar. */
function uncovered(element: HTMLElement): [from: number, to: number] {
  const { left, width } = element.getBoundingClientRect();
  const atTop = document.elementFromPoint(left + width / 2, 1);
  const from = atTop !== null && !atTop.contains(element) && !element.contains(atTop) ? stuckBottom(atTop) : 0;
  const bar = element.closest('article')?.querySelector('[data-decision-bar]')?.getBoundingClientRect();
  return [from, Math.min(window.innerHeight, bar?.top ?? Number.POSITIVE_INFINITY)];
}

function stuckBottom(from: Element): number {
  for (let at: Element | null = from; at !== null; at = at.parentElement) {
    if (['sticky', 'fixed'].includes(getComputedStyle(at).position)) return at.getBoundingClientRect().bottom;
  }
  return 0;
}
