import { type ReactNode, useEffect, useRef, useState } from 'react';

type Tip = { readonly time: HTMLElement; readonly text: string; readonly x: number; readonly y: number };

const GAP_PX = 4;

/**
 * The full moment of a `<time>` that shows only how long ago it was: while it is pointed at, and while a link that holds
 * it, or the row that it is in, has the focus. Escape puts it away (WCAG 2.2, 1.4.13).
 */
export function TimeTip(): ReactNode {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<HTMLElement | null>(null);
  useEffect(() => {
    shown.current = tip?.time ?? null;
  });

  useEffect(() => {
    const show = (time: HTMLElement | null): void => {
      const text = time?.dataset.moment;
      const { left: x = 0, bottom = 0 } = time?.getBoundingClientRect() ?? {};
      setTip(time && text !== undefined ? { time, text, x, y: bottom + GAP_PX } : null);
    };
    const point = ({ target }: Event): void => {
      if (target instanceof Node && box.current?.contains(target)) return;
      show(target instanceof Element ? target.closest<HTMLElement>('time[data-moment]') : null);
    };
    const focus = ({ target }: Event): void => {
      const part = target instanceof Element && target.matches(':focus-visible') ? target : null;
      show((part?.closest('[data-row]') ?? part)?.querySelector<HTMLElement>('time[data-moment]') ?? null);
    };
    const hide = (): void => setTip(null);
    const follow = (): void => {
      if (shown.current) show(shown.current.isConnected ? shown.current : null);
    };
    const press = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') hide();
    };
    document.addEventListener('pointerover', point);
    document.addEventListener('focusin', focus);
    document.addEventListener('focusout', hide);
    document.addEventListener('keydown', press);
    document.addEventListener('scroll', follow, true);
    return () => {
      document.removeEventListener('pointerover', point);
      document.removeEventListener('focusin', focus);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('keydown', press);
      document.removeEventListener('scroll', follow, true);
    };
  }, []);

  // React would write it as an attribute only on a server; here it sets the properties one by one, which the policy allows.
  return (
    tip && (
      <div
        ref={box}
        role="tooltip"
        className="fixed z-60 rounded-doc border border-edge bg-sheet px-2 py-1 text-sm whitespace-nowrap text-ink shadow-sheet"
        style={{ left: Math.max(8, Math.min(tip.x, window.innerWidth - 250)), top: tip.y }}
      >
        {tip.text}
      </div>
    )
  );
}
