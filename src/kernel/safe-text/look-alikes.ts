import { CONFUSABLE_WITH } from './look-alikes.data.ts';

/**
 * Letters that a reader takes for a Latin one beyond what UTS #39 says, or for another one: it folds capital I into l
 * and leaves out what only looks alike in some fonts.
 */
const PAIRS = [
  // Cyrillic, small and capital
  'аa вb еe ёe кk мm нh оo рp сc тt уy хx іi їi јj ѕs һh ԁd ԛq ԝw ӏl ԍg гr пn',
  'АA ВB ЕE ЗZ КK МM НH ОO РP СC ТT УY ХX ІI ЇI ЈJ ЅS ԌG ԚQ ԜW ҮY',
  // Greek, small and capital
  'αa γy ιi κk νv οo ρp τt υu χx ϲc ϳj ωw ηn σo εe',
  'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC',
  // Armenian and Cherokee
  'օo ոn սu հh ցg ղn զq ւl ՏS ՍU ՕO',
  'ᎪA ᏴB ᏟC ᎠD ᎬE ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ',
] as const;

const OWN: ReadonlyMap<string, string> = new Map(
  PAIRS.flatMap((line) => line.split(' ')).map((pair) => {
    const [foreign = '', latin = ''] = [...pair];
    return [foreign, latin] as const;
  }),
);

const LATIN: ReadonlyMap<string, string> = new Map([
  ...CONFUSABLE_WITH.flatMap(([letter, characters]) =>
    [...characters].map((character) => [character, letter] as const),
  ),
  ...OWN,
]);

/**
 * Confusable, and ordinary all the same: Latin letters of Turkish, Ewe, Kabiye and their neighbours, and signs that
 * stand between letters in formulas.
 */
const ORDINARY = /[\u0131\u0263\u0269\u028b\u0196\u00d7\p{Sm}]/u;

/**
 * Scripts whose letters stand right beside Latin words in ordinary writing, as in Arabic and Hebrew prefixes or where
 * there are no blanks between words, and the digits of all scripts.
 */
const ATTACHED =
  /[\p{Nd}\p{M}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Khmer}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Tibetan}\p{Script=Georgian}\p{Script=Ethiopic}\p{Script=Han}\p{Script=Nko}]/u;

/** The characters of the table that are no letters, marks or numbers, so that a word is taken with them. */
export const LOOK_ALIKE_SIGNS = [...LATIN.keys()]
  .filter((character) => !/[\p{L}\p{M}\p{N}]/u.test(character) && !ORDINARY.test(character))
  .join('');

// Too rarely taken for Latin letters inside a foreign word to call the whole word a look-alike of a Latin one.
const WEAK = new Set([...'кмнтвгпКМНТВЗαγηκντυχωσεΖΗ']);

/** Whether the letter is drawn like a Latin one. */
export function looksLatin(letter: string): boolean {
  return LATIN.has(letter) && !ORDINARY.test(letter);
}

/** Whether a word of Latin letters holds a character, of whatever script, that passes for one more of them. */
export function hidesAmongLatin(word: string): boolean {
  const characters = [...word];
  const isPlain = (at: number): boolean => /^[A-Za-z]$/.test(characters[at] ?? '');
  if (!characters.some((_, at) => isPlain(at))) return false;
  // What digits, and letters of scripts without blanks, look like counts within a word and not at its ends.
  const letters = characters.filter((_, at) => isPlain(at)).length;
  return characters.some((character, at) => {
    // Wide letters are ordinary beside plain ones where the script is wide.
    if (!looksLatin(character) || /[\uff00-\uffef]/.test(character)) return false;
    if (!ATTACHED.test(character)) return true;
    return isPlain(at - 1) && isPlain(at + 1) && letters > 2;
  });
}

/** Whether every letter of a foreign word is easily taken for a Latin one. */
export function looksWhollyLatin(word: string): boolean {
  const letters = [...word].filter((character) => /\p{L}/u.test(character));
  return (
    letters.length > 0 && letters.every((letter) => looksLatin(letter) && !WEAK.has(letter) && !ATTACHED.test(letter))
  );
}

/** What a reader takes the word for: each look-alike replaced by its Latin letter, compatibility forms folded. */
export function readsLike(word: string): string {
  return [...word.normalize('NFKC')].map((character) => LATIN.get(character) ?? character).join('');
}
