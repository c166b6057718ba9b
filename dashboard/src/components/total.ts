import type { Total } from '../api/types.ts';

const number = new Intl.NumberFormat('en');

/** A total as people read it: `437`, or `10,000+` where nobody counted on. `seen` is what is on screen at least. */
export function totalText(total: Total | null | undefined, seen: number): string {
  if (!total) return number.format(seen);
  return `${number.format(total.count)}${total.exact ? '' : '+'}`;
}
