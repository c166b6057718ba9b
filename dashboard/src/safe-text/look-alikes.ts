/**
 * Letters of other scripts that a reader takes for a Latin one, and for which. From what UTS #39 calls confusable,
 * the ones that are drawn alike in common fonts.
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

const LATIN: ReadonlyMap<string, string> = new Map(
  PAIRS.flatMap((line) => line.split(' ')).map((pair) => {
    const [foreign = '', latin = ''] = [...pair];
    return [foreign, latin] as const;
  }),
);

// Too rarely taken for Latin letters inside a foreign word to call the whole word a look-alike of a Latin one.
const WEAK = new Set([...'кмнтвгпКМНТВЗαγηκντυχωσεΖΗ']);

/** Whether the letter is drawn like a Latin one. */
export function looksLatin(letter: string): boolean {
  return LATIN.has(letter);
}

/** Whether every letter of a foreign word is easily taken for a Latin one. */
export function looksWhollyLatin(word: string): boolean {
  const letters = [...word].filter((character) => /\p{L}/u.test(character));
  return letters.length > 0 && letters.every((letter) => LATIN.has(letter) && !WEAK.has(letter));
}

/** What a reader takes the word for: each look-alike replaced by its Latin letter, compatibility forms folded. */
export function readsLike(word: string): string {
  return [...word.normalize('NFKC')].map((character) => LATIN.get(character) ?? character).join('');
}
