import { type Blank, blanksOf } from './blanks.ts';
import { codePointLabel } from './code-point-names.ts';
import { isAddress, type Look, lookOf } from './words.ts';

/** A piece of a text as it is, or a word that reads like another one. */
type Word =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'look-alike'; readonly text: string } & Look);

/**
 * A piece of a text: a word, characters that cannot be seen (shown by their label), white space that cannot be seen, or
 * an address beside right-to-left text, whose parts keep their order.
 */
export type Segment =
  | Word
  | Blank
  | { readonly kind: 'hidden'; readonly text: string; readonly label: string }
  | { readonly kind: 'address'; readonly text: string; readonly parts: readonly Word[] };

export type InspectOptions = {
  /** The text is shown with its line breaks, so that they need no label. */
  readonly multiline?: boolean;
};

const PLAIN_LINE = /^[\x20-\x7e]*$/;
const PLAIN_PROSE = /^[\x20-\x7e\n\t]*$/;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Everything that can hide, and spaces that only look like one. */
const MAY_HIDE =
  /\p{C}|\u034f|[\u115f\u1160\u1680\u17b4\u17b5\u2028\u2029\u2800\u3164\uffa0\ufffc]|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;
const SCRIPTS_THAT_JOIN =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]$/u;
const PICTURE = /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]|\ufe0f)$/u;
const TAKES_EMOJI_STYLE = /^[\p{Extended_Pictographic}\p{Emoji}]$/u;
/** The only flags that are made of tags: England, Scotland, Wales (UTS #51). */
const TAG_FLAG =
  /^\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}/u;
const TAG_FLAG_LENGTH = 7;

/**
 * Takes a text apart for display, so that nothing in it can hide or pass for something else: invisible, control
 * and bidirectional characters become labels; words that mix scripts to look like a Latin word, and names in
 * addresses that are wholly such, are marked. What belongs to ordinary writing stays as it is: Russian, Greek and
 * Arabic, joiners between letters that join and inside emoji.
 */
export function inspectText(text: string, { multiline = false }: InspectOptions = {}): Segment[] {
  if (text === '') return [];
  if ((multiline ? PLAIN_PROSE : PLAIN_LINE).test(text)) return [...seen(text, { first: true, last: true, multiline })];
  const segments: Segment[] = [];
  const characters = [...text];
  let run = '';
  let runs = 0;
  const flush = (last: boolean): void => {
    const where = { first: runs === 0 && segments.length === 0, last, multiline };
    if (run !== '') for (const part of seen(run, where)) segments.push(part);
    run = '';
    runs += 1;
  };
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!;
    const flag = character === '\u{1f3f4}' && TAG_FLAG.test(characters.slice(at, at + TAG_FLAG_LENGTH).join(''));
    if (flag) {
      run += characters.slice(at, at + TAG_FLAG_LENGTH).join('');
      at += TAG_FLAG_LENGTH - 1;
    } else if (hides(characters, at, multiline)) {
      flush(false);
      let count = 1;
      // Thousands of one are one label: the rest of the text must not drown in them.
      for (; characters[at + 1] === character && hides(characters, at + 1, multiline); at += 1) count += 1;
      const label = codePointLabel(character.codePointAt(0)!);
      segments.push({
        kind: 'hidden',
        text: character.repeat(count),
        label: count === 1 ? label : `${label} \u00d7 ${count}`,
      });
    } else run += character;
  }
  flush(true);
  return segments;
}

/** What can be seen of a piece, with the white space in it that cannot. */
function* seen(text: string, where: Parameters<typeof blanksOf>[1]): Generator<Segment> {
  const isMixed = RIGHT_TO_LEFT.test(text);
  for (const piece of blanksOf(text, where)) {
    if (typeof piece !== 'string') yield piece;
    else yield* words(piece, isMixed);
  }
}

function hides(characters: readonly string[], at: number, multiline: boolean): boolean {
  const character = characters[at]!;
  if (!MAY_HIDE.test(character)) return false;
  const before = characters[at - 1] ?? '';
  const after = characters[at + 1] ?? '';
  switch (character) {
    case '\n':
    case '\t':
      return !multiline;
    case '\r':
      return !(multiline && after === '\n');
    case '\u200c':
      return !joins(before, after);
    case '\u200d':
      return !(joins(before, after) || (PICTURE.test(before) && PICTURE.test(after)));
    case '\ufe0e':
    case '\ufe0f':
      return !TAKES_EMOJI_STYLE.test(before);
    default:
      // Selectors after an ideograph choose its form; elsewhere they can carry hidden bytes.
      if (/[\u{e0100}-\u{e01ef}]/u.test(character)) return !/\p{Script=Han}/u.test(before);
      return !/[\u180b-\u180d\u180f]/.test(character) || !/\p{Script=Mongolian}/u.test(before);
  }
}

/** Whether a joiner lies between two letters of writing that is joined, where it changes their shape. */
function joins(before: string, after: string): boolean {
  return SCRIPTS_THAT_JOIN.test(before) && SCRIPTS_THAT_JOIN.test(after);
}

/** Splits at white space, so that an address is looked at as a whole. */
function* words(text: string, isMixed: boolean): Generator<Segment> {
  let plain = '';
  for (const token of text.split(/(\s+)/u)) {
    const [before, address, after] = isMixed && isAddress(token) ? aroundAddress(token) : [token, '', ''];
    for (const [piece, isWhole] of [
      [before, false],
      [address, true],
      [after, false],
    ] as const) {
      if (piece === '') continue;
      if (isWhole) {
        if (plain !== '') yield { kind: 'text', text: plain };
        plain = '';
        yield { kind: 'address', text: piece, parts: lookOf(piece).flatMap(partsOf) };
        continue;
      }
      for (const part of lookOf(piece)) {
        if (part.look === undefined) {
          plain += part.text;
          continue;
        }
        if (plain !== '') yield { kind: 'text', text: plain };
        plain = '';
        yield { kind: 'look-alike', text: part.text, ...part.look };
      }
    }
  }
  if (plain !== '') yield { kind: 'text', text: plain };
}

/** An address without the punctuation and the right-to-left words that stand against it. */
function aroundAddress(token: string): [before: string, address: string, after: string] {
  const before = /^(?:[^\x21-\x7e]*[(:\u060c\u061b\u00ab"'<[]+)?/u.exec(token)?.[0] ?? '';
  const rest = token.slice(before.length);
  const after = /[)\]>.,;:!?"'\u060c\u061b\u061f\u00bb]*$/u.exec(rest)?.[0] ?? '';
  return [before, rest.slice(0, rest.length - after.length), after];
}

/** Whether a piece is, or has in it, what is not what it seems. */
export function isSuspect(segment: Segment): boolean {
  if (segment.kind === 'address') return segment.parts.some(({ kind }) => kind === 'look-alike');
  return segment.kind === 'hidden' || segment.kind === 'look-alike' || (segment.kind === 'blank' && segment.long);
}

/** The labels and steps of an address, with the signs between them: each is isolated where it is drawn. */
function partsOf({ text, look }: ReturnType<typeof lookOf>[number]): Word[] {
  if (look !== undefined) return [{ kind: 'look-alike', text, ...look }];
  return text
    .split(/([./:@?#&=]+)/)
    .filter((part) => part !== '')
    .map((part) => ({ kind: 'text', text: part }));
}

/** How much of a value is not what it seems: hidden characters, look-alike words, long blanks; keys included. */
export function countSuspicious(value: unknown): {
  readonly hidden: number;
  readonly lookAlikes: number;
  readonly blanks: number;
} {
  let hidden = 0;
  let alike = 0;
  let blanks = 0;
  const count = (segments: readonly Segment[]): void => {
    for (const segment of segments) {
      if (segment.kind === 'hidden') hidden += Array.from(segment.text).length;
      if (segment.kind === 'look-alike') alike += 1;
      if (segment.kind === 'blank' && segment.long) blanks += 1;
      if (segment.kind === 'address') count(segment.parts);
    }
  };
  const walk = (inner: unknown): void => {
    if (typeof inner === 'string') count(inspectText(inner, { multiline: true }));
    else if (Array.isArray(inner)) inner.forEach(walk);
    else if (typeof inner === 'object' && inner !== null) {
      for (const [key, item] of Object.entries(inner)) {
        count(inspectText(key));
        walk(item);
      }
    }
  };
  walk(value);
  return { hidden, lookAlikes: alike, blanks };
}
