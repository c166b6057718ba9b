const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const BIAS = 72;
const FIRST = 0x80;
const LAST = 0x10ffff;
/** A label of a domain has at most 63 characters (RFC 1035); what is longer is no label, and not worth the work. */
const LABEL_MAX = 63;

/** The characters that a label of a domain such as `xn--mnchen-3ya` stands for (RFC 3492), or null where it stands for none. */
export function decodeLabel(label: string): string | null {
  if (!/^xn--[a-z0-9-]+$/i.test(label) || label.length > LABEL_MAX) return null;
  const encoded = label.slice('xn--'.length);
  const dash = encoded.lastIndexOf('-');
  const output = [...encoded.slice(0, Math.max(0, dash))].map((character) => character.codePointAt(0)!);
  let at = dash + 1;
  let codePoint = FIRST;
  let position = 0;
  let bias = BIAS;
  while (at < encoded.length) {
    const before = position;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(encoded[at] ?? '');
      at += 1;
      if (digit === null) return null;
      position += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapt(position - before, length, before === 0);
    codePoint += Math.floor(position / length);
    position %= length;
    if (codePoint > LAST || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return null;
    output.splice(position, 0, codePoint);
    position += 1;
  }
  return String.fromCodePoint(...output);
}

function digitOf(character: string): number | null {
  if (/^[a-z]$/i.test(character)) return character.toLowerCase().charCodeAt(0) - 'a'.charCodeAt(0);
  return /^[0-9]$/.test(character) ? Number(character) + 26 : null;
}

function adapt(difference: number, length: number, isFirst: boolean): number {
  let delta = isFirst ? Math.floor(difference / DAMP) : Math.floor(difference / 2);
  delta += Math.floor(delta / length);
  let k = 0;
  for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) delta = Math.floor(delta / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW));
}
