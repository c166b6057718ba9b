/**
 * White space that is seen wrongly or not at all. `long`: more of it than writing has, so that something may stand
 * behind it that nobody looks for.
 */
export type Blank = { readonly kind: 'blank'; readonly text: string; readonly label: string; readonly long: boolean };

const RUN = /[\s\u00a0]+/gu;
/** Within a line, this many blanks are more than an indentation. */
const BLANKS_MAX = 12;
/** This many line breaks are more than a blank line or two. */
const BREAKS_MAX = 4;
/** From here on a reader is led away rather than a layout made. */
const LONG_BLANKS = 40;
const LONG_BREAKS = 10;

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'space',
  '\t': 'tab',
  '\n': 'line break',
  '\r\n': 'line break',
  '\u00a0': 'no-break space',
  '\u2000': 'en quad',
  '\u2001': 'em quad',
  '\u2002': 'en space',
  '\u2003': 'em space',
  '\u2004': 'three-per-em space',
  '\u2005': 'four-per-em space',
  '\u2006': 'six-per-em space',
  '\u2007': 'figure space',
  '\u2008': 'punctuation space',
  '\u2009': 'thin space',
  '\u200a': 'hair space',
  '\u202f': 'narrow no-break space',
  '\u205f': 'mathematical space',
  '\u3000': 'ideographic space',
};

/** Where a piece stands: at the beginning of the whole text, at its end; and whether lines are shown as lines. */
type Where = { readonly first: boolean; readonly last: boolean; readonly multiline: boolean };

/** Takes a piece of text apart into what is seen as it is and white space that is not. */
export function* blanksOf(text: string, where: Where): Generator<string | Blank> {
  let end = 0;
  for (const { 0: run, index } of text.matchAll(RUN)) {
    const atStart = where.first && index === 0;
    const atEnd = where.last && index + run.length === text.length;
    if (!isUnseen(run, atStart || atEnd, where.multiline)) continue;
    if (index > end) yield text.slice(end, index);
    yield { kind: 'blank', text: run, label: labelOf(run, atStart, atEnd), long: isLong(run) };
    end = index + run.length;
  }
  if (end < text.length) yield text.slice(end);
}

function isUnseen(run: string, atAnEnd: boolean, multiline: boolean): boolean {
  if (atAnEnd) return true;
  // Where lines are not kept, the browser draws any number of blanks as one.
  if (!multiline) return [...run].length > 1;
  const lines = run.split('\n');
  if (lines.length - 1 > BREAKS_MAX) return true;
  // Blanks before a line break hang in the margin. Two are a line break in Markdown, one is left by quoting.
  if (lines.slice(0, -1).some((line) => [...line.replace(/\r$/, '')].length > 2)) return true;
  return lines.some((line) => [...line].length > BLANKS_MAX);
}

function isLong(run: string): boolean {
  return run.split('\n').length - 1 >= LONG_BREAKS || [...run].filter((each) => each !== '\n').length >= LONG_BLANKS;
}

function labelOf(run: string, atStart: boolean, atEnd: boolean): string {
  const counts = new Map<string, number>();
  for (const [blank] of run.matchAll(/\r\n|./gsu)) {
    const name = NAMES[blank] ?? `U+${blank.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const said = [...counts].map(([name, count]) => `${count} ${name}${count > 1 && !name.startsWith('U+') ? 's' : ''}`);
  const place = atStart && atEnd ? ', nothing else' : atStart ? ' at the beginning' : atEnd ? ' at the end' : '';
  return `${said.join(', ')}${place}`;
}
