/** A member that is not what it was, written for people; undefined where it was not there. */
export type Difference = {
  readonly member: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** What differs between two states, member by member, in the order of the newer one. */
export function changes(before: unknown, after: unknown): Difference[] {
  const [old, now] = [membersOf(before), membersOf(after)];
  return [...new Set([...Object.keys(now), ...Object.keys(old)])]
    .map((member) => ({ member, before: write(old[member]), after: write(now[member]) }))
    .filter((difference) => difference.before !== difference.after);
}

function membersOf(state: unknown): Readonly<Record<string, unknown>> {
  return typeof state === 'object' && state !== null ? (state as Record<string, unknown>) : {};
}

function write(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return JSON.stringify(value, null, 1);
}
