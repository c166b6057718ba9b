import { type ReactNode, useEffect, useRef, useState } from 'react';

/** What lies under the sticky decision bar has not been seen. */
const COVERED_PX = 120;

/** Marks the end of what must be read, and says when it was on screen. */
export function useReadToEnd(of: string): { readonly read: boolean; readonly end: ReactNode } {
  const sentinel = useRef<HTMLSpanElement>(null);
  const [readOf, setReadOf] = useState<string | null>(null);
  useEffect(() => {
    const element = sentinel.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting) && document.visibilityState === 'visible')
          setReadOf(of);
      },
      { rootMargin: `0px 0px -${COVERED_PX}px 0px`, threshold: 1 },
    );
    observer.observe(element);
    return () => observer.disconnect();
  });
  return {
    read: readOf === of,
    end: <span ref={sentinel} data-end-of-payload aria-hidden="true" className="block h-px" />,
  };
}
