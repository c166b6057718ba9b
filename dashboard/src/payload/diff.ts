/** A line of a comparison: in both, only before, or only after. */
export type DiffLine = { readonly kind: 'same' | 'before' | 'after'; readonly text: string };

/** Beyond this many lines on both sides together the comparison is not made: it grows with their product. */
const LINES_MAX = 4_000;

/** Two JSON values compared line by line, with the members of every object in order. */
export function diffJson(before: unknown, after: unknown): DiffLine[] {
  return diffLines(linesOf(before), linesOf(after));
}

function linesOf(value: unknown): string[] {
  return JSON.stringify(ordered(value), null, 2).split('\n');
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}

/** The longest common lines stay, the rest is before or after. */
function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const only = (kind: 'before' | 'after', lines: readonly string[]): DiffLine[] =>
    lines.map((text) => ({ kind, text }));
  if (before.length + after.length > LINES_MAX) return [...only('before', before), ...only('after', after)];
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ kind: 'same', text: before[i]! });
      i += 1;
      j += 1;
    } else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) {
      lines.push({ kind: 'before', text: before[i]! });
      i += 1;
    } else {
      lines.push({ kind: 'after', text: after[j]! });
      j += 1;
    }
  }
  return [...lines, ...only('before', before.slice(i)), ...only('after', after.slice(j))];
}

/** Leaves out what is the same on both sides far from any change. A null stands for the lines left out. */
export function aroundChanges(lines: readonly DiffLine[], context = 2): (DiffLine | null)[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some((l) => l.kind !== 'same'),
  );
  const kept: (DiffLine | null)[] = [];
  lines.forEach((line, at) => {
    if (near[at]) kept.push(line);
    else if (kept.at(-1) !== null) kept.push(null);
  });
  return kept;
}
