import { hidesAmongLatin, LOOK_ALIKE_SIGNS, looksLatin, looksWhollyLatin, readsLike } from './look-alikes.ts';

/** Why a word is marked, and what a reader would take it for. */
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
  ...[...'\u2044\u2215\u29f8\uff0f\u2571\u27cb'].map((sign) => [sign, '/'] as const),
  ...[...'\u2024\uff0e\uff61\u3002\ua60e\u0701\u0702'].map((sign) => [sign, '.'] as const),
  ...[...'\u2236\ua789\u02d0\u0589'].map((sign) => [sign, ':'] as const),
  ...[...'\uff20\ufe6b'].map((sign) => [sign, '@'] as const),
]);
const ADDRESS_PART = new RegExp(`xn--[a-z0-9-]+|${WORD.source}|[${[...SIGNS.keys()].join('')}]`, 'giu');
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
const ADDRESS = /@|:\/\/|^[^\s/]+\.[\p{L}\p{N}-]{2,}(?:[/:?#].*)?$/u;
/** A domain whose last label is not Latin is openly foreign (as browsers judge it). */
const FOREIGN_DOMAIN = /\.[^\p{Script=Latin}\s.@/]+$/u;

/** Takes a token without white space apart into words and what is between them. */
export function lookOf(token: string): Part[] {
  const isAddress = ADDRESS.test(token);
  if (ASCII.test(token) && !(isAddress && /\bxn--/i.test(token))) return [{ text: token }];
  const latinPlace = isAddress && !FOREIGN_DOMAIN.test(token);
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: word, index } of token.matchAll(isAddress ? ADDRESS_PART : WORD)) {
    const look = isAddress
      ? lookInAddress(word, latinPlace, token[index - 1] ?? '', token[index + word.length] ?? '')
      : lookOfWord(word, { latinPlace: false, isAddress: false, touches: false });
    if (look === undefined) continue;
    if (index > end) parts.push({ text: token.slice(end, index) });
    parts.push({ text: word, look });
    end = index + word.length;
  }
  if (end < token.length) parts.push({ text: token.slice(end) });
  return parts;
}

/** Where a word stands: in an address, in one whose domain is Latin, right beside a sign of addresses. */
type Place = { readonly isAddress: boolean; readonly latinPlace: boolean; readonly touches: boolean };

function lookInAddress(word: string, latinPlace: boolean, before: string, after: string): Look | undefined {
  const sign = SIGNS.get(word);
  if (sign !== undefined && /^[A-Za-z0-9/]{2}$/.test(before + after))
    return { why: 'sign-in-address', readsLike: sign };
  const touches = /[A-Za-z0-9.@/:-]/.test(before + after);
  return lookOfWord(word, { isAddress: true, latinPlace, touches });
}

function lookOfWord(word: string, { isAddress, latinPlace, touches }: Place): Look | undefined {
  if (isAddress && /^xn--/i.test(word)) return { why: 'encoded-domain', readsLike: word };
  if (ASCII.test(word)) return undefined;
  if (isStyled(word, isAddress, touches)) return { why: 'styled-letters', readsLike: readsLike(word) };
  if (hidesAmongLatin(word) || (isAddress && scriptsOf(word) > 1))
    return { why: 'mixed-scripts', readsLike: readsLike(word) };
  const foreign = [...word].filter((character) => FOREIGN.test(character));
  if (latinPlace && looksWhollyLatin(word)) return { why: 'whole-script', readsLike: readsLike(word) };
  if (foreign.length === 0) return undefined;
  if (mixes(word) && foreign.some(looksLatin)) return { why: 'mixed-scripts', readsLike: readsLike(word) };
  return undefined;
}

/**
 * One mathematical letter alone is a variable of a formula, and wide letters among themselves are Japanese, unless they
 * are part of an address.
 */
function isStyled(word: string, isAddress: boolean, touches: boolean): boolean {
  if (STYLED.test(word)) return isAddress || [...word].filter((character) => /\p{L}/u.test(character)).length > 1;
  if (!WIDE.test(word)) return false;
  return BESIDE_PLAIN.test(word) || (touches && WHOLLY_WIDE.test(word));
}

/**
 * The scripts of which a name in an address has one. Those that are written without blanks stand right beside addresses
 * in ordinary text, and browsers let them stand beside Latin letters in a domain.
 */
const FAMILIES: readonly RegExp[] = [
  LATIN,
  CYRILLIC,
  GREEK,
  ...['Armenian', 'Cherokee', 'Arabic', 'Hebrew', 'Devanagari', 'Bengali', 'Georgian', 'Ethiopic', 'Coptic'].map(
    (script) => new RegExp(`\\p{Script=${script}}`, 'u'),
  ),
];

/** How many scripts a word is written in, of those that names are written in. */
const scriptsOf = (word: string): number => FAMILIES.filter((script) => script.test(word)).length;

/** Letters of two scripts in one word. μ, π and Ω beside Latin letters are units, not tricks: they look like none. */
function mixes(word: string): boolean {
  const scripts = [LATIN, CYRILLIC, GREEK].filter((script) => script.test(word)).length;
  return scripts > 1 || (LATIN.test(word) && FOREIGN.test(word));
}
