/** Arguments that cannot be put into a request; the message is safe to show to a caller. */
export class Unfit extends Error {}

/** A name that the caller chose, short enough for a sentence. */
export function nameOf(argument: string): string {
  return argument.length > 64 ? `${argument.slice(0, 64)}…` : argument;
}

/** A text, number or boolean as it is written where there is no JSON; null for everything else. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
