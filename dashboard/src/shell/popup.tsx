import { type MouseEvent, type ReactNode, useId, useRef } from 'react';

/**
 * A button of the top bar and what it opens below it. The browser does the rest: Escape and a press elsewhere close it,
 * and Tab leads from the button into it. Following a link inside closes it, too.
 */
export function Popup({
  label,
  button,
  className,
  children,
}: {
  label: string;
  button: ReactNode;
  className: string;
  children: ReactNode;
}): ReactNode {
  const id = useId();
  const sheet = useRef<HTMLElement>(null);
  const close = ({ target }: MouseEvent): void => {
    if (target instanceof Element && target.closest('a, [data-closes]')) sheet.current?.hidePopover();
  };
  return (
    <>
      <button type="button" popoverTarget={id} className={className}>
        {button}
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: closes it after something inside was pressed, by key or by thumb */}
      <section
        ref={sheet}
        id={id}
        popover="auto"
        aria-label={label}
        onClick={close}
        className="inset-auto top-13 right-2 m-0 max-h-[80dvh] w-80 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-doc border border-edge bg-sheet p-4 text-ink shadow-sheet"
      >
        {children}
      </section>
    </>
  );
}
