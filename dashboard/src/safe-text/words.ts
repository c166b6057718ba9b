import { looksLatin, looksWhollyLatin, readsLike } from './look-alikes.ts';

/** Why a word is marked, and what a reader would take it for. */
export type Look = {
  readonly why: 'mixed-scripts' | 'whole-script' | 'styled-letters' | 'encoded-domain';
  readonly readsLike: string;
};

type Part = { readonly text: string; readonly look?: Look };

const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
const ASCII = /^[\x20-\x7e]*$/;
const LATIN = /\p{Script=Latin}/u;
const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
const GREEK = /\p{Script=Greek}/u;
const CYRILLIC = /\p{Script=Cyrillic}/u;
/** Letters in the dress of another letter: 𝐚, 𝓪, 𝕒. Wide forms are ordinary in Japanese, but not in an address. */
const STYLED = /[\u{1d400}-\u{1d7ff}]/u;
const WIDE = /[\uff01-\uff5e]/;
/** Something@somewhere, a URL, or a bare domain: where a name is looked up, one letter is another place. */
const ADDRESS = /@|:\/\/|^[^\s/]+\.[\p{L}\p{N}-]{2,}(?:[/:?#].*)?$/u;
/** A domain whose last label is not Latin is openly foreign (as browsers judge it). */
const FOREIGN_DOMAIN = /\.[^\p{Script=Latin}\s.@/]+$/u;

/** Takes a token without white space apart into words and what is between them. */
export function lookOf(token: string): Part[] {
  const isAddress = ADDRESS.test(token);
  if (ASCII.test(token) && !(isAddress && /\bxn--/i.test(token))) return [{ text: token }];
  const parts: Part[] = [];
  let end = 0;
  const pattern = isAddress ? /xn--[a-z0-9-]+|[\p{L}\p{M}\p{N}_]+/giu : WORD;
  for (const { 0: word, index } of token.matchAll(pattern)) {
    const look = lookOfWord(word, isAddress && !FOREIGN_DOMAIN.test(token), isAddress);
    if (look === undefined) continue;
    if (index > end) parts.push({ text: token.slice(end, index) });
    parts.push({ text: word, look });
    end = index + word.length;
  }
  if (end < token.length) parts.push({ text: token.slice(end) });
  return parts;
}

function lookOfWord(word: string, latinPlace: boolean, isAddress: boolean): Look | undefined {
  if (isAddress && /^xn--/i.test(word)) return { why: 'encoded-domain', readsLike: word };
  if (ASCII.test(word)) return undefined;
  if (STYLED.test(word) || (isAddress && WIDE.test(word))) return { why: 'styled-letters', readsLike: readsLike(word) };
  const foreign = [...word].filter((character) => FOREIGN.test(character));
  if (foreign.length === 0) return undefined;
  if (mixes(word) && foreign.some(looksLatin)) return { why: 'mixed-scripts', readsLike: readsLike(word) };
  if (latinPlace && looksWhollyLatin(word)) return { why: 'whole-script', readsLike: readsLike(word) };
  return undefined;
}

/** Letters of two scripts in one word. μ, π and Ω beside Latin letters are units, not tricks: they look like none. */
function mixes(word: string): boolean {
  const scripts = [LATIN, CYRILLIC, GREEK].filter((script) => script.test(word)).length;
  return scripts > 1 || (LATIN.test(word) && FOREIGN.test(word));
}
