import { secretReference } from '../../kernel/secret-reference.ts';
import { Marks } from './marks.ts';
import { scalarsOf } from './scalars.ts';
import { atOnce, inSlices, type Sliced, STRIDE } from './sliced.ts';
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

type Sought = { readonly reference: Buffer; readonly spellings: readonly Spelling[]; readonly hasSpace: boolean };

/** What a byte takes where it is spelled at its longest: `\u0041`, once more escaped. */
const LONGEST_SPELLING = 8;
/** What goes over a scalar by itself costs at least as much as going over so many bytes. */
const SCALAR_COST = 4096;

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

  function* scrubBytes(bytes: Buffer): Sliced<Buffer> {
    if (bytes.length < shortest) return bytes;
    const marks = new Marks(bytes.length);
    yield* find(plainView(bytes), sought, marks);
    return yield* marks.replace(bytes);
  }

  function* scrubText(text: string): Sliced<string> {
    const bytes = Buffer.from(text);
    const scrubbed = yield* scrubBytes(bytes);
    return scrubbed === bytes ? text : scrubbed.toString();
  }

  function* scrubJson(json: string): Sliced<string> {
    const bytes = Buffer.from(json);
    if (bytes.length < shortest) return json;
    // What is in a string is spelled in whatever way, and escaped once more: where nothing is found like this, nothing is.
    const marks = new Marks(bytes.length);
    const plain = plainView(bytes);
    yield* find(plain, sought, marks);
    const strings = yield* withoutEscapes(plain);
    if (strings !== null) yield* find(strings, sought, marks);
    if (marks.isEmpty) return json;
    const parts: Buffer[] = [];
    let done = 0;
    for (const { from, to, isText } of scalarsOf(bytes)) {
      yield to - from;
      if (to - from < shortest || !marks.touches(from, to)) continue;
      yield SCALAR_COST;
      const token = bytes.toString('utf8', from, to);
      const value: string = isText ? JSON.parse(token) : token;
      const clean = yield* scrubText(value);
      if (clean === value) continue;
      parts.push(bytes.subarray(done, from), Buffer.from(JSON.stringify(clean)));
      done = to;
    }
    const scrubbed = Buffer.concat([...parts, bytes.subarray(done)]);
    // What goes over several of them, as a value that is JSON itself, leaves no JSON behind.
    const whole = yield* scrubBytes(scrubbed);
    if (whole !== scrubbed) return JSON.stringify({ text: whole.toString(), note: 'holds_secret' });
    return done === 0 ? json : scrubbed.toString();
  }

  return {
    bytes: (bytes) => inSlices(scrubBytes(bytes), pause),
    text: (text) => atOnce(scrubText(text)),
    json: (json) => inSlices(scrubJson(json), pause),
    longest: LONGEST_SPELLING * Math.max(...all.map(([, value]) => Buffer.byteLength(value))),
  };
}

/** Marks what is found in the bytes as they are, and with one or two encodings undone, in the orders in which texts are put into each other. */
function* find(plain: View, sought: readonly Sought[], marks: Marks): Sliced<void> {
  const escapes = yield* searched(yield* withoutEscapes(plain));
  const percents: View[] = [];
  yield* searched(plain);
  for (const view of [plain, ...escapes]) {
    percents.push(...(yield* searched(yield* withoutPercents(view))));
    yield* searched(yield* withoutEntities(view));
    if (!sought.some(({ hasSpace }) => hasSpace)) continue;
    const [form] = yield* searched(yield* withoutPluses(view));
    if (form !== undefined) yield* searched(yield* withoutPercents(form));
  }
  for (const view of escapes) yield* searched(yield* withoutEscapes(view));
  for (const view of percents) {
    yield* searched(yield* withoutPercents(view));
    yield* searched(yield* withoutEscapes(view));
  }

  /** The view, if there is one, once it has been gone over. */
  function* searched(view: View | null): Sliced<View[]> {
    if (view === null) return [];
    for (const { reference, spellings } of sought) {
      for (const spelling of spellings) yield* findIn(view, spelling, reference, marks);
    }
    return [view];
  }
}

function* findIn({ bytes, starts }: View, spelling: Spelling, reference: Buffer, marks: Marks): Sliced<void> {
  const { bytes: spelled, sharesBefore, sharesBehind } = spelling;
  let told = 0;
  for (let at = bytes.indexOf(spelled); at !== -1; at = bytes.indexOf(spelled, at + spelled.length)) {
    let to = at + spelled.length;
    const from = sharesBefore && at > 0 && isBase64(bytes[at - 1]) ? at - 1 : at;
    if (sharesBehind && isBase64(bytes[to])) to += 1;
    marks.add(starts[from]!, starts[to]!, reference);
    if (at - told < STRIDE) continue;
    yield at - told;
    told = at;
  }
  // Looking without finding is a tenth of the work of everything else.
  yield (bytes.length - told) / 10;
}
