import { codePointLabel } from './code-point-names.ts';
import { SIGN_CONFUSABLE_WITH } from './look-alikes.data.ts';
import { hidesAmongLatin, LOOK_ALIKE_SIGNS, looksLatin, looksWhollyLatin, readsLike } from './look-alikes.ts';
import { decodeLabel } from './punycode.ts';

/** Why a word is marked, and what a reader would take it for; of an encoded domain, what it stands for. */
export type Look = {
  readonly why: 'mixed-scripts' | 'whole-script' | 'styled-letters' | 'encoded-domain' | 'sign-in-address';
  readonly readsLike: string;
};

type Part = { readonly text: string; readonly look?: Look };

const WORD = new RegExp(`[\\p{L}\\p{M}\\p{N}_${LOOK_ALIKE_SIGNS}]+`, 'gu');
/**
 * Signs that pass for those of an address. They are marked between ASCII letters, digits and slashes only: in Chinese
 * and Japanese their own punctuation stands right beside addresses.
 */
const SIGNS: ReadonlyMap<string, string> = new Map([
  ...SIGN_CONFUSABLE_WITH.flatMap(([sign, characters]) => [...characters].map((each) => [each, sign] as const)),
  // What a browser takes for a dot in a domain (IDNA).
  ...[...'\uff61\u3002'].map((each) => [each, '.'] as const),
]);
const SIGN_CLASS = `[${[...SIGNS.keys()].join('')}]`;
/** Some of the signs are letters or digits of their script, such as the Katakana no, and so part of a word. */
const SIGN_IN_WORD = new RegExp(`(?<=[A-Za-z0-9])${SIGN_CLASS}(?=[A-Za-z0-9])`, 'gu');
const ADDRESS_PART = new RegExp(`xn--[a-z0-9-]+|${WORD.source}|${SIGN_CLASS}`, 'giu');
/** An escape of JSON and of program text: its letter is not part of the word behind it. */
const ESCAPE = /(\\+(?:[bfnrtv"'/]|u[0-9a-fA-F]{4})?)/;
const ASCII = /^[\x20-\x7e]*$/;
const LATIN = /\p{Script=Latin}/u;
const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
const GREEK = /\p{Script=Greek}/u;
const CYRILLIC = /\p{Script=Cyrillic}/u;
/** Letters in the dress of another letter: 𝐚, 𝓪, 𝕒. Wide forms are ordinary in Japanese, but not in an address. */
const STYLED = /[\u{1d400}-\u{1d7ff}]/u;
const WIDE = /[\uff01-\uff5e]/;
const BESIDE_PLAIN = /[A-Za-z][\uff01-\uff5e]|[\uff01-\uff5e][A-Za-z]/;
const WHOLLY_WIDE = /^[\uff01-\uff5e]+$/;
/** Something@somewhere, a URL, or a bare domain: where a name is looked up, one letter is another place. */
const ADDRESS =
  /@|:\/\/|^[^\s/]+\.[\p{L}\p{N}-]{2,}(?:[/:?#].*)?$|[A-Za-z0-9][\u0660\u06f0\u0701\u0702\u2024\ua4f8\ua60e\uff0e\ufe52\u{10a50}][A-Za-z]{2,}/u;
/** A domain whose last label is not Latin is openly foreign (as browsers judge it). */
const FOREIGN_DOMAIN = /\.[^\p{Script=Latin}\s.@/]+$/u;

/** Whether a token without white space is looked up somewhere: something@somewhere, a URL, or a bare domain. */
export function isAddress(token: string): boolean {
  return ADDRESS.test(token);
}

/** Takes a token without white space apart into words and what is between them. */
export function lookOf(token: string): Part[] {
  if (ASCII.test(token) && !/xn--/i.test(token)) return [{ text: token }];
  if (!token.includes('\\')) return lookOfPiece(token);
  return token.split(ESCAPE).flatMap((piece, at) => {
    if (piece === '') return [];
    return at % 2 === 1 ? [{ text: piece }] : lookOfPiece(piece);
  });
}

function lookOfPiece(token: string): Part[] {
  const inAddress = isAddress(token);
  if (ASCII.test(token) && !(inAddress && /\bxn--/i.test(token))) return [{ text: token }];
  const latinPlace = inAddress && !FOREIGN_DOMAIN.test(token);
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: word, index } of token.matchAll(inAddress ? ADDRESS_PART : WORD)) {
    const look = inAddress
      ? lookInAddress(word, latinPlace, token.slice(0, index), token[index + word.length] ?? '')
      : lookOfWord(word, { latinPlace: false, inAddress: false, touches: false, inDomain: false });
    if (look === undefined) continue;
    if (index > end) parts.push({ text: token.slice(end, index) });
    parts.push({ text: word, look });
    end = index + word.length;
  }
  if (end < token.length) parts.push({ text: token.slice(end) });
  return parts;
}

/** Where a word stands: in an address, in one whose domain is Latin, right beside a sign of addresses, before any path. */
type Place = {
  readonly inAddress: boolean;
  readonly latinPlace: boolean;
  readonly touches: boolean;
  readonly inDomain: boolean;
};

function lookInAddress(word: string, latinPlace: boolean, before: string, after: string): Look | undefined {
  const beside = (before.at(-1) ?? '') + after;
  const sign = SIGNS.get(word);
  if (sign !== undefined)
    return /^[A-Za-z0-9/]{2}$/.test(beside) ? { why: 'sign-in-address', readsLike: sign } : undefined;
  const withSigns = word.replaceAll(SIGN_IN_WORD, (each) => SIGNS.get(each) ?? each);
  if (withSigns !== word) return { why: 'sign-in-address', readsLike: readsLike(withSigns) };
  const inDomain = !/[/?#]/.test(before.replace(/^.*?:\/\//, ''));
  const touches = /[A-Za-z0-9.@/:-]/.test(beside);
  // What stands behind a top-level domain without a blank begins another sentence, and maybe another address.
  const isBehindTop = /\.$/.test(before) && /^(?:[a-z]{2}|com|org|net|info|edu|gov|app|dev)(?![a-z])/i.test(word);
  return lookOfWord(word, { inAddress: true, latinPlace, touches, inDomain: inDomain && !isBehindTop });
}

function lookOfWord(word: string, { inAddress, latinPlace, touches, inDomain }: Place): Look | undefined {
  if (inAddress && /^xn--/i.test(word)) return { why: 'encoded-domain', readsLike: decoded(word) };
  if (ASCII.test(word)) return undefined;
  if (isStyled(word, inAddress, touches)) return { why: 'styled-letters', readsLike: readsLike(word) };
  if (hidesAmongLatin(word) || (inAddress && scriptsOf(word) > 1) || (inDomain && SPLIT_LATIN.test(word)))
    return { why: 'mixed-scripts', readsLike: readsLike(word) };
  const foreign = [...word].filter((character) => FOREIGN.test(character));
  if (latinPlace && looksWhollyLatin(word)) return { why: 'whole-script', readsLike: readsLike(word) };
  if (foreign.length === 0) return undefined;
  if (mixes(word) && foreign.some(looksLatin)) return { why: 'mixed-scripts', readsLike: readsLike(word) };
  return undefined;
}

/** What an encoded label stands for, fit to be shown: what cannot be seen in it as its label. */
function decoded(label: string): string {
  const plain = decodeLabel(label);
  if (plain === null) return label;
  return [...plain]
    .map((character) =>
      /[\p{C}\p{Z}\u2800]/u.test(character) ? `[${codePointLabel(character.codePointAt(0)!)}]` : character,
    )
    .join('');
}

/**
 * One mathematical letter alone is a variable of a formula, and wide letters among themselves are Japanese, unless they
 * are part of an address.
 */
function isStyled(word: string, inAddress: boolean, touches: boolean): boolean {
  if (STYLED.test(word)) return inAddress || [...word].filter((character) => /\p{L}/u.test(character)).length > 1;
  if (!WIDE.test(word)) return false;
  return BESIDE_PLAIN.test(word) || (touches && WHOLLY_WIDE.test(word));
}

/**
 * The scripts of which a name in an address has one. Those that are written without blanks stand right beside addresses
 * in ordinary text, and browsers let some of them stand beside Latin letters in a domain: they are marked only where
 * they part a Latin word (`SPLIT_LATIN`).
 */
const WITHOUT_BLANKS = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo', 'Yi']
  .concat(['Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan', 'Javanese', 'Balinese', 'Tai_Le', 'New_Tai_Lue', 'Tai_Tham'])
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const NAMED = ['Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Arabic', 'Hebrew', 'Devanagari', 'Bengali', 'Gurmukhi']
  .concat(['Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Georgian', 'Ethiopic', 'Coptic'])
  .map((script) => `\\p{Script=${script}}`);
const FAMILIES: readonly RegExp[] = [
  LATIN,
  ...NAMED.map((script) => new RegExp(script, 'u')),
  // All others count as one.
  new RegExp(
    `[\\p{L}--[\\p{Script=Latin}\\p{Script=Common}\\p{Script=Inherited}${WITHOUT_BLANKS}${NAMED.join('')}]]`,
    'v',
  ),
];
const SPLIT_LATIN = new RegExp(`^[A-Za-z0-9_]*[A-Za-z][${WITHOUT_BLANKS}]{1,2}[A-Za-z][A-Za-z0-9_]*$`, 'u');

/** How many scripts a word is written in, of those that names are written in. */
const scriptsOf = (word: string): number => FAMILIES.filter((script) => script.test(word)).length;

/** Letters of two scripts in one word. μ, π and Ω beside Latin letters are units, not tricks: they look like none. */
function mixes(word: string): boolean {
  const scripts = [LATIN, CYRILLIC, GREEK].filter((script) => script.test(word)).length;
  return scripts > 1 || (LATIN.test(word) && FOREIGN.test(word));
}
