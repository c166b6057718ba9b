import { secretReference } from '../../kernel/secret-reference.ts';
import { Marks } from './marks.ts';
import { scalarsOf, textAt } from './scalars.ts';
import { atOnce, inSlices, type Sliced, STRIDE, Work } from './sliced.ts';
import { isBase64, type Spelling, spellingsOf } from './spellings.ts';
import { plainView, type View, withoutEntities, withoutEscapes, withoutPercents, withoutPluses } from './views.ts';

/** Puts `{{secret:NAME}}` where the values of secrets are, in whatever came back from where they were sent. */
export type Scrubber = {
  /** The same buffer where nothing was found. Lets others have their turn where there is much of it. */
  bytes(bytes: Buffer): Promise<Buffer>;
  /** For a short text: at once. */
  text(text: string): string;
  /** For a JSON text: what it gives is one, too. Lets others have their turn where there is much of it. */
  json(json: string): Promise<string>;
  /** How many bytes at the end of a body that was cut may be the beginning of a value, however it is spelled. */
  readonly longest: number;
};

/** A string or number of a JSON text that may hold a value: where it stands, and what it says. */
type Touched = { readonly from: number; readonly to: number; readonly value: Buffer };
type Sought = { readonly reference: Buffer; readonly spellings: readonly Spelling[]; readonly hasSpace: boolean };

/** What a byte takes where it is spelled at its longest: `\u0041`, once more escaped. */
const LONGEST_SPELLING = 8;
/** What each string and number costs beside its bytes, as if it had so many more. */
const SCALAR_COST = 64;
/** No byte of a text in UTF-8, nor of any spelling of one. */
const SEPARATOR = 0xff;

/** Longer values first, so that one inside of another does not break it up. */
export function createScrubber(values: ReadonlyMap<string, string>, pause?: () => Promise<unknown>): Scrubber {
  const all = [...values].sort(([, a], [, b]) => b.length - a.length);
  const sought = all.map(
    ([name, value]): Sought => ({
      reference: Buffer.from(secretReference(name)),
      spellings: spellingsOf(value),
      hasSpace: value.includes(' '),
    }),
  );
  const shortest = Math.min(...sought.flatMap(({ spellings }) => spellings.map(({ bytes }) => bytes.length)));

  function* scrubBytes(bytes: Buffer, work: Work): Sliced<Buffer> {
    if (bytes.length < shortest) return bytes;
    const marks = new Marks(bytes.length);
    yield* find(plainView(bytes), sought, marks, work);
    return yield* marks.replace(bytes, work);
  }

  function* scrubText(text: string, work: Work): Sliced<string> {
    const bytes = Buffer.from(text);
    const scrubbed = yield* scrubBytes(bytes, work);
    return scrubbed === bytes ? text : scrubbed.toString();
  }

  /** The JSON text with each of these as it is without values. They are gone over together, which costs no more than one. */
  function* scrubScalars(json: Buffer, scalars: readonly Touched[], work: Work) {
    const joined = Buffer.allocUnsafe(scalars.reduce((sum, { value }) => sum + value.length + 1, 0));
    let length = 0;
    for (const { value } of scalars) {
      if (work.isEnough(value.length + SCALAR_COST)) yield;
      length += value.copy(joined, length);
      joined[length] = SEPARATOR;
      length += 1;
    }
    const clean: Buffer = yield* scrubBytes(joined, work);
    if (clean === joined) return json;
    const parts: Buffer[] = [];
    let done = 0;
    let at = 0;
    for (const { from, to, value } of scalars) {
      const end = clean.indexOf(SEPARATOR, at);
      const part = clean.subarray(at, end);
      at = end + 1;
      if (work.isEnough(to - from + SCALAR_COST)) yield;
      if (part.equals(value)) continue;
      parts.push(json.subarray(done, from), Buffer.from(JSON.stringify(part.toString())));
      done = to;
    }
    return Buffer.concat([...parts, json.subarray(done)]);
  }

  function* scrubJson(json: string, work: Work): Sliced<string> {
    const bytes = Buffer.from(json);
    if (bytes.length < shortest) return json;
    // What is in a string is spelled in whatever way, and escaped once more: where nothing is found like this, nothing is.
    const marks = new Marks(bytes.length);
    const plain = plainView(bytes);
    yield* find(plain, sought, marks, work);
    const strings = yield* withoutEscapes(plain, work);
    if (strings !== null) yield* find(strings, sought, marks, work);
    if (marks.isEmpty) return json;
    const touched: Touched[] = [];
    for (const { from, to, isText } of scalarsOf(bytes)) {
      if (work.isEnough(to - from + SCALAR_COST)) yield;
      if (to - from < shortest || !marks.touches(from, to)) continue;
      touched.push({ from, to, value: isText ? textAt(bytes, from, to) : bytes.subarray(from, to) });
    }
    const scrubbed = yield* scrubScalars(bytes, touched, work);
    // What goes over several of them, as a value that is JSON itself, leaves no JSON behind.
    const whole = yield* scrubBytes(scrubbed, work);
    if (whole !== scrubbed) return JSON.stringify({ text: whole.toString(), note: 'holds_secret' });
    return scrubbed === bytes ? json : scrubbed.toString();
  }

  return {
    bytes: (bytes) => inSlices(scrubBytes(bytes, new Work()), pause),
    text: (text) => atOnce(scrubText(text, new Work())),
    json: (json) => inSlices(scrubJson(json, new Work()), pause),
    longest: LONGEST_SPELLING * Math.max(...all.map(([, value]) => Buffer.byteLength(value))),
  };
}

/** Marks what is found in the bytes as they are, and with one or two encodings undone, in the orders in which texts are put into each other. */
function* find(plain: View, sought: readonly Sought[], marks: Marks, work: Work): Sliced<void> {
  const escapes = yield* searched(yield* withoutEscapes(plain, work));
  const percents: View[] = [];
  yield* searched(plain);
  for (const view of [plain, ...escapes]) {
    percents.push(...(yield* searched(yield* withoutPercents(view, work))));
    yield* searched(yield* withoutEntities(view, work));
    if (!sought.some(({ hasSpace }) => hasSpace)) continue;
    const [form] = yield* searched(yield* withoutPluses(view, work));
    if (form !== undefined) yield* searched(yield* withoutPercents(form, work));
  }
  for (const view of escapes) yield* searched(yield* withoutEscapes(view, work));
  for (const view of percents) {
    yield* searched(yield* withoutPercents(view, work));
    yield* searched(yield* withoutEscapes(view, work));
  }

  /** The view, if there is one, once it has been gone over. */
  function* searched(view: View | null): Sliced<View[]> {
    if (view === null) return [];
    for (const { reference, spellings } of sought) {
      for (const spelling of spellings) yield* findIn(view, spelling, reference, marks, work);
    }
    return [view];
  }
}

function* findIn(view: View, spelling: Spelling, reference: Buffer, marks: Marks, work: Work): Sliced<void> {
  const { bytes, starts } = view;
  const { bytes: spelled, sharesBefore, sharesBehind } = spelling;
  let told = 0;
  for (let at = bytes.indexOf(spelled); at !== -1; at = bytes.indexOf(spelled, at + spelled.length)) {
    let to = at + spelled.length;
    const from = sharesBefore && at > 0 && isBase64(bytes[at - 1]) ? at - 1 : at;
    if (sharesBehind && isBase64(bytes[to])) to += 1;
    marks.add(starts[from]!, starts[to]!, reference);
    if (at - told < STRIDE) continue;
    if (work.isEnough(at - told)) yield;
    told = at;
  }
  // Looking without finding is a tenth of the work of everything else.
  if (work.isEnough((bytes.length - told) / 10)) yield;
}
