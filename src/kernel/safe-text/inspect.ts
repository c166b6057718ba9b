import { codePointLabel } from './code-point-names.ts';
import { type Look, lookOf } from './words.ts';

/**
 * A piece of a text: as it is, a character that cannot be seen (shown by its label), or a word that reads like
 * another one.
 */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hidden'; readonly text: string; readonly label: string }
  | ({ readonly kind: 'look-alike'; readonly text: string } & Look);

export type InspectOptions = {
  /** The text is shown with its line breaks, so that they need no label. */
  readonly multiline?: boolean;
};

const PLAIN_LINE = /^[\x20-\x7e]*$/;
const PLAIN_PROSE = /^[\x20-\x7e\n\t]*$/;
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
  if ((multiline ? PLAIN_PROSE : PLAIN_LINE).test(text)) return text === '' ? [] : [...lookAlikes(text)];
  const segments: Segment[] = [];
  const characters = [...text];
  let run = '';
  const flush = (): void => {
    if (run !== '') for (const part of lookAlikes(run)) segments.push(part);
    run = '';
  };
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!;
    const flag = character === '\u{1f3f4}' && TAG_FLAG.test(characters.slice(at, at + TAG_FLAG_LENGTH).join(''));
    if (flag) {
      run += characters.slice(at, at + TAG_FLAG_LENGTH).join('');
      at += TAG_FLAG_LENGTH - 1;
    } else if (hides(characters, at, multiline)) {
      flush();
      segments.push({ kind: 'hidden', text: character, label: codePointLabel(character.codePointAt(0)!) });
    } else run += character;
  }
  flush();
  return segments;
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
function* lookAlikes(text: string): Generator<Segment> {
  let plain = '';
  for (const token of text.split(/(\s+)/u)) {
    for (const part of lookOf(token)) {
      if (part.look === undefined) {
        plain += part.text;
        continue;
      }
      if (plain !== '') yield { kind: 'text', text: plain };
      plain = '';
      yield { kind: 'look-alike', text: part.text, ...part.look };
    }
  }
  if (plain !== '') yield { kind: 'text', text: plain };
}

/** How much of a value is not what it seems: hidden characters and look-alike words, keys included. */
export function countSuspicious(value: unknown): { readonly hidden: number; readonly lookAlikes: number } {
  let hidden = 0;
  let alike = 0;
  const count = (text: string, multiline: boolean): void => {
    for (const { kind } of inspectText(text, { multiline })) {
      if (kind === 'hidden') hidden += 1;
      if (kind === 'look-alike') alike += 1;
    }
  };
  const walk = (inner: unknown): void => {
    if (typeof inner === 'string') count(inner, true);
    else if (Array.isArray(inner)) inner.forEach(walk);
    else if (typeof inner === 'object' && inner !== null) {
      for (const [key, item] of Object.entries(inner)) {
        count(key, false);
        walk(item);
      }
    }
  };
  walk(value);
  return { hidden, lookAlikes: alike };
}
