import { blanksOf } from './blanks.ts';
import { inspectText, isSuspect } from './inspect.ts';

/** Text in which nothing can hide and nothing be taken for something else. */
const PLAIN = /^[\x20-\x7e\n\t]*$/;
const ENCODED_DOMAIN = /xn--/i;

/** How much of what is not plain is looked at, in characters, each word once. More than that is not ordinary writing. */
const LOOKED_AT_MAX = 100_000;
/** A word that is longer is looked at in pieces. */
const PIECE = 1_000;

/**
 * Whether a payload has characters that cannot be seen, words that read like others, or long blanks: what `countSuspicious` counts,
 * without counting, in a time that a payload of a megabyte cannot draw out. What is too much to be looked at is
 * suspicious.
 */
export function isSuspicious(value: unknown): boolean {
  const seen = new Set<string>();
  let left = LOOKED_AT_MAX;
  const isText = (text: string, multiline: boolean): boolean => {
    if (hasLongBlank(text, multiline)) return true;
    if ((PLAIN.test(text) && !ENCODED_DOMAIN.test(text)) || text === '') return !multiline && /[\n\t]/.test(text);
    // Without these breaks a text is taken apart as it is as a whole: words are looked at one by one.
    const lines = multiline ? text.replaceAll('\r\n', '\n') : text;
    for (const word of lines.split(multiline ? /[ \n\t]+/ : / +/)) {
      if ((PLAIN.test(word) && !ENCODED_DOMAIN.test(word) && !/[\n\t]/.test(word)) || seen.has(word)) continue;
      seen.add(word);
      left -= word.length;
      if (left < 0) return true;
      for (const piece of pieces(word)) {
        if (inspectText(piece, { multiline }).some(isSuspect)) return true;
      }
    }
    return false;
  };
  const isAny = (inner: unknown): boolean => {
    if (typeof inner === 'string') return isText(inner, true);
    if (Array.isArray(inner)) return inner.some(isAny);
    if (typeof inner !== 'object' || inner === null) return false;
    return Object.entries(inner).some(([key, item]) => isText(key, false) || isAny(item));
  };
  return isAny(value);
}

function hasLongBlank(text: string, multiline: boolean): boolean {
  for (const piece of blanksOf(text, { first: true, last: true, multiline })) {
    if (typeof piece !== 'string' && piece.long) return true;
  }
  return false;
}

function pieces(word: string): string[] {
  if (word.length <= PIECE) return [word];
  const found: string[] = [];
  for (let at = 0; at < word.length; ) {
    // A pair of surrogates is one character.
    const isPair = /[\ud800-\udbff]/.test(word.charAt(at + PIECE - 1));
    const end = at + PIECE + (isPair ? 1 : 0);
    found.push(word.slice(at, end));
    at = end;
  }
  return found;
}
