import { domainToASCII, domainToUnicode } from 'node:url';

const MOST_CHARACTERS = 253;
const MOST_LABEL = 63;
const LDH_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);
const GROUP = /^[0-9A-Fa-f]{1,4}$/;

/** Four decimal bytes without leading zeros (RFC 2673, 3.2). */
export const isIpv4 = (text: string): boolean => text.length <= 15 && IPV4.test(text);

/** RFC 4291, 2.2: eight groups, one run of zero groups as `::`, the last two perhaps as an IPv4 address. No zone. */
export function isIpv6(text: string): boolean {
  if (text.length > 45) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === '') continue;
    const parts = half.split(':');
    for (const [place, part] of parts.entries()) {
      const isLast = index === halves.length - 1 && place === parts.length - 1;
      if (isLast && part.includes('.') && isIpv4(part)) groups += 2;
      else if (GROUP.test(part)) groups += 1;
      else return false;
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** RFC 1123, 2.1, and for labels that start with `xn--` RFC 5890 to 5893 as {@link isIdnHostname}. */
export function isHostname(text: string): boolean {
  return isDomain(text, text.split('.'), (label) => LDH_LABEL.test(label) && (!isReserved(label) || isALabel(label)));
}

/** RFC 5890, 2.3.2.3: labels are letters, digits and hyphens, or well-formed labels of IDNA 2008 in either form. */
export function isIdnHostname(text: string): boolean {
  return isDomain(text, text.split(/[.\u3002\uff0e\uff61]/), isIdnLabel) && isBidiDomain(text);
}

function isDomain(text: string, labels: readonly string[], holds: (label: string) => boolean): boolean {
  if (text.length > MOST_CHARACTERS) return false;
  return labels.every((label) => label.length > 0 && label.length <= MOST_LABEL && holds(label));
}

function isIdnLabel(label: string): boolean {
  if (isReserved(label)) return isALabel(label);
  return LDH_LABEL.test(label) || isULabel(label);
}

/** Two hyphens in the third and fourth place: such labels of ASCII stand for others. */
const isReserved = (label: string): boolean => label.startsWith('--', 2);

function isALabel(label: string): boolean {
  if (!/^xn--/i.test(label)) return false;
  const decoded = domainToUnicode(label);
  return isULabel(decoded) && domainToASCII(decoded) === label.toLowerCase();
}

/** The characters that RFC 5892 forbids or allows by name, and what it forbids as conjoining Hangul. */
const FORBIDDEN = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/;
const LETTERS =
  /^[-\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u3007\u30fb\u200c\u200d]+$/u;

/**
 * A label with letters beyond ASCII (RFC 5891, 4.2). Stability, joiners, assigned characters and direction within the
 * label are what UTS #46 asks, too, and left to the engine; what only RFC 5892 asks is asked here.
 */
function isULabel(label: string): boolean {
  if (!/[^\0-\x7f]/.test(label) || !LETTERS.test(label) || FORBIDDEN.test(label)) return false;
  if (/^[-\p{M}]|-$/u.test(label) || isReserved(label) || !contextHolds(label)) return false;
  const ascii = domainToASCII(label);
  return ascii.length <= MOST_LABEL && /^xn--/.test(ascii) && domainToUnicode(ascii) === label;
}

/** The rules of RFC 5892, appendix A. */
function contextHolds(label: string): boolean {
  if (/(?<!l)\u00b7|\u00b7(?!l)/.test(label)) return false;
  if (/\u0375(?!\p{Script=Greek})/u.test(label)) return false;
  if (/(?<!\p{Script=Hebrew})[\u05f3\u05f4]/u.test(label)) return false;
  if (!joinersHold(label)) return false;
  if (label.includes('\u30fb') && !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(label)) return false;
  return !(/[\u0660-\u0669]/.test(label) && /[\u06f0-\u06f9]/.test(label));
}

/** The engine looks at the first joiner of a label only, so each is shown to it without the others. */
function joinersHold(label: string): boolean {
  const joiners = [...label.matchAll(/[\u200c\u200d]/g)];
  if (joiners.length < 2) return true;
  return joiners.every(({ index }) => {
    const without = (text: string): string => text.replaceAll(/[\u200c\u200d]/g, '');
    return domainToASCII(without(label.slice(0, index)) + label[index] + without(label.slice(index + 1))) !== '';
  });
}

/** In a domain with right-to-left letters every label must start with a letter (RFC 5893, 2, rule 1). */
function isBidiDomain(text: string): boolean {
  if (!/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(text)) return true;
  return text
    .split(/[.\u3002\uff0e\uff61]/)
    .every((label) => /^\P{Nd}/u.test(label) || /^[\u0660-\u0669\u06f0-\u06f9]/.test(label));
}
