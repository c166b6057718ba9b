/** The median of several repeats and how far they lay apart. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

/** The middle value; of an even number, the mean of the middle two. NaN when there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The ratio of two measurements taken side by side in every repeat. Both suffered the same neighbours, so their
 * ratio is steadier than either.
 */
export function ratio(of: readonly number[], to: readonly number[]): Spread {
  return spread(of.map((value, repeat) => value / to[repeat]!));
}
