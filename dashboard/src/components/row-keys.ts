import { useKeys } from '../shell/keyboard.tsx';

const FIRST = 'a[href], button:not(:disabled)';

/** `j` and `k` go to the next and the last row of the page's lists: to the first thing in it that can be pressed. */
export function useRowKeys(): void {
  useKeys({ j: () => move(1), k: () => move(-1) });
}

function move(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('#main [data-row]')].filter(
    (row) => row.getClientRects().length > 0 && row.querySelector(FIRST) !== null,
  );
  if (rows.length === 0) return;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const selected = rows.findIndex((row) => row.ariaSelected === 'true');
  const from = now >= 0 ? now : selected;
  const next = from < 0 ? (by === 1 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, from + by));
  rows[next]!.querySelector<HTMLElement>(FIRST)?.focus();
}
