/** Longest text of somebody else that is shown, in characters, where nothing else is said. */
const TEXT_MAX = 2_000;

/** Control characters, and what is there without being seen: direction marks, tags, joiners, variation selectors. */
const UNSEEN = /(?![\n\t])\p{Cc}|\p{Cf}|\p{Co}|\p{Cn}|\p{Default_Ignorable_Code_Point}|\p{Zl}|\p{Zp}/gu;

/** A text of somebody else as it is shown: nothing in it that people could not see, and not too long. */
export function plainText(text: unknown, max = TEXT_MAX): string {
  if (typeof text !== 'string') return '';
  const seen = text.replace(UNSEEN, '').trim();
  return seen.length <= max ? seen : `${seen.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
