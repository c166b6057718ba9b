import { secretReference } from '../../kernel/secret-reference.ts';
import { isBase64, type Spelling, spellingsOf } from './spellings.ts';
import { plainView, type View, withoutEntities, withoutEscapes, withoutPercents, withoutPluses } from './views.ts';

/** Puts `{{secret:NAME}}` where the values of secrets are, in whatever came back from where they were sent. */
export type Scrubber = {
  /** The same buffer where nothing was found. */
  bytes(bytes: Buffer): Buffer;
  text(text: string): string;
  /** For a JSON text: what it gives is one, too. */
  json(json: string): string;
  /** How many bytes at the end of a body that was cut may be the beginning of a value, however it is spelled. */
  readonly longest: number;
};

type Sought = { readonly reference: Buffer; readonly spellings: readonly Spelling[]; readonly hasSpace: boolean };
type Found = { readonly from: number; readonly to: number; readonly reference: Buffer };

/** What a byte takes where it is spelled at its longest: `\u0041`, once more escaped. */
const LONGEST_SPELLING = 8;

/** Longer values first, so that one inside of another does not break it up. */
export function createScrubber(values: ReadonlyMap<string, string>): Scrubber {
  const all = [...values].sort(([, a], [, b]) => b.length - a.length);
  const sought = all.map(
    ([name, value]): Sought => ({
      reference: Buffer.from(secretReference(name)),
      spellings: spellingsOf(value),
      hasSpace: value.includes(' '),
    }),
  );
  const shortest = Math.min(...sought.flatMap(({ spellings }) => spellings.map(({ bytes }) => bytes.length)));

  const scrubBytes = (bytes: Buffer): Buffer =>
    bytes.length < shortest ? bytes : replaced(bytes, find(bytes, sought));
  const scrubText = (text: string): string => {
    const bytes = Buffer.from(text);
    const scrubbed = scrubBytes(bytes);
    return scrubbed === bytes ? text : scrubbed.toString();
  };
  return {
    bytes: scrubBytes,
    text: scrubText,
    longest: LONGEST_SPELLING * Math.max(...all.map(([, value]) => Buffer.byteLength(value))),
    json(json) {
      // Inside of a string it is found in whatever way that is written; numbers may hold one made of digits.
      const scrubbed = mapScalars(json, (token, isText) => {
        if (token.length < shortest) return token;
        const plain: string = isText ? JSON.parse(token) : token;
        const clean = scrubText(plain);
        return clean === plain ? token : JSON.stringify(clean);
      });
      // What goes over several of them, as a value that is JSON itself, leaves no JSON behind.
      const whole = scrubText(scrubbed);
      return whole === scrubbed ? scrubbed : JSON.stringify({ text: whole, note: 'holds_secret' });
    },
  };
}

function find(bytes: Buffer, sought: readonly Sought[]): Found[] {
  const found: Found[] = [];
  for (const view of viewsOf(
    bytes,
    sought.some(({ hasSpace }) => hasSpace),
  )) {
    for (const { reference, spellings } of sought) {
      for (const spelling of spellings) found.push(...findIn(view, spelling, reference));
    }
  }
  return found.sort((a, b) => a.from - b.from || b.to - a.to);
}

/** The bytes as they are and with one or two encodings undone, in the orders in which texts are put into each other. */
function viewsOf(bytes: Buffer, formsToo: boolean): View[] {
  const plain = plainView(bytes);
  const then = (views: readonly (View | null)[], undo: (view: View) => View | null): (View | null)[] =>
    views.map((view) => view && undo(view));
  const escapes = then([plain], withoutEscapes);
  const percents = then([plain, ...escapes], withoutPercents);
  const more = [
    ...then(escapes, withoutEscapes),
    ...then(percents, withoutPercents),
    ...then(percents, withoutEscapes),
    ...then([plain, ...escapes], withoutEntities),
  ];
  const views = [plain, ...escapes, ...percents, ...more];
  const forms = formsToo ? then([plain, ...escapes], withoutPluses) : [];
  return [...views, ...forms, ...then(forms, withoutPercents)].filter((view) => view !== null);
}

function findIn({ bytes, starts }: View, spelling: Spelling, reference: Buffer): Found[] {
  const found: Found[] = [];
  const { bytes: spelled, sharesBefore, sharesBehind } = spelling;
  for (let at = bytes.indexOf(spelled); at !== -1; at = bytes.indexOf(spelled, at + spelled.length)) {
    let to = at + spelled.length;
    const from = sharesBefore && at > 0 && isBase64(bytes[at - 1]) ? at - 1 : at;
    if (sharesBehind && isBase64(bytes[to])) to += 1;
    found.push({ from: starts[from]!, to: starts[to]!, reference });
  }
  return found;
}

function replaced(bytes: Buffer, found: readonly Found[]): Buffer {
  if (found.length === 0) return bytes;
  const parts: Buffer[] = [];
  let done = 0;
  for (const { from, to, reference } of found) {
    // What overlaps with the last one is part of a value all the same.
    if (to <= done) continue;
    if (from >= done) parts.push(bytes.subarray(done, from), reference);
    done = to;
  }
  return Buffer.concat([...parts, bytes.subarray(done)]);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A valid JSON text with each string and number as `by` gives it; all else stays as it came. */
function mapScalars(json: string, by: (token: string, isText: boolean) => string): string {
  let mapped = '';
  let done = 0;
  for (let at = 0; at < json.length; ) {
    const code = json.charCodeAt(at);
    const isText = code === QUOTE;
    if (!isText && !isNumeric(code)) {
      at += 1;
      continue;
    }
    const end = isText ? endOfString(json, at) : endOfNumber(json, at);
    const token = json.slice(at, end);
    const given = by(token, isText);
    if (given !== token) {
      mapped += json.slice(done, at) + given;
      done = end;
    }
    at = end;
  }
  return done === 0 ? json : mapped + json.slice(done);
}

function endOfString(json: string, at: number): number {
  let end = at + 1;
  while (json.charCodeAt(end) !== QUOTE) end += json.charCodeAt(end) === BACKSLASH ? 2 : 1;
  return end + 1;
}

function endOfNumber(json: string, at: number): number {
  let end = at + 1;
  while (end < json.length && /[\d.eE+-]/.test(json[end]!)) end += 1;
  return end;
}

/** A digit or a minus sign: how a number begins. */
function isNumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d;
}
