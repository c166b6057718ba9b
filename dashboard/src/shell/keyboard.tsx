import { createContext, type ReactNode, type RefObject, useContext, useEffect, useMemo, useRef, useState } from 'react';

type Keyboard = { readonly on: boolean; readonly set: (on: boolean) => void };

const KeyboardContext = createContext<Keyboard>({ on: true, set: () => {} });
const KEY = 'countersign.keyboard';

/** Whether single keys do things, as this browser's owner chose (WCAG 2.2, 2.1.4). */
export function KeyboardProvider({ children }: { children: ReactNode }): ReactNode {
  const [on, setOn] = useState(() => read() !== 'off');
  const keyboard = useMemo<Keyboard>(
    () => ({
      on,
      set(next) {
        setOn(next);
        try {
          localStorage.setItem(KEY, next ? 'on' : 'off');
        } catch {
          // Without storage the choice holds until the page is closed.
        }
      },
    }),
    [on],
  );
  return <KeyboardContext value={keyboard}>{children}</KeyboardContext>;
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function useKeyboard(): Keyboard {
  return useContext(KeyboardContext);
}

const TYPING = 'input, textarea, select, [contenteditable], [role="textbox"]';

/** Binds single keys while the component is there. Inert while somebody types, in dialogs, and when switched off. */
export function useKeys(bindings: Readonly<Record<string, (() => void) | undefined>>): void {
  const { on } = useKeyboard();
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat)
        return;
      if (event.target instanceof Element && event.target.closest(TYPING)) return;
      if (document.querySelector('[role="dialog"]')) return;
      const act = latest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [on]);
}

/**
 * `j` and `k` move the focus through the rows of a list: what carries `data-row` inside `box`, or on the whole page. A row
 * that is no link hands the focus to the first link in it, or takes it itself. Without one in focus they go on from where they were
 * last, or from the row that is open.
 */
export function useListKeys(box?: RefObject<HTMLElement | null>, open?: string): void {
  const last = useRef<string | undefined>(undefined);
  const move = (by: number): void => {
    const within = box ? box.current : document.getElementById('main');
    const rows = [...(within?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].filter((row) =>
      row.checkVisibility(),
    );
    if (rows.length === 0) return;
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    const remembered = rows.findIndex(({ dataset }) => dataset.row === (last.current ?? open));
    const from = focused >= 0 ? focused : remembered;
    const next = rows[from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + by))]!;
    last.current = next.dataset.row;
    focusRow(next);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
}

function focusRow(row: HTMLElement): void {
  const goal = row.matches('a') ? row : (row.querySelector<HTMLElement>('a') ?? row);
  if (!goal.matches('a')) row.tabIndex = -1;
  goal.focus();
}
