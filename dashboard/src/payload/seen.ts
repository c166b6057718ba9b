/** Parts of a length, as fractions from 0 to 1, in order and apart. */
export type Seen = readonly (readonly [from: number, to: number])[];

/** Less than this many pixels between two parts is not a line that was missed. */
export const GAP_PX = 4;

/** Adds a part to those that were seen. Parts that touch, or nearly, become one. */
export function withPart(seen: Seen, from: number, to: number, gap: number): Seen {
  if (to <= from) return seen;
  const parts: [number, number][] = [];
  for (const [start, end] of [...seen, [from, to] as const].sort(([a], [b]) => a - b)) {
    const last = parts.at(-1);
    if (last !== undefined && start <= last[1] + gap) last[1] = Math.max(last[1], end);
    else parts.push([start, end]);
  }
  return parts;
}

/** Where the first part begins that was not seen; null when everything was. */
export function firstUnseen(seen: Seen, gap: number): number | null {
  const [first] = seen;
  if (first === undefined || first[0] > gap) return 0;
  return first[1] >= 1 - gap ? null : first[1];
}

/** How much was seen, from 0 to 1. */
export function shareOf(seen: Seen): number {
  return seen.reduce((sum, [from, to]) => sum + to - from, 0);
}
