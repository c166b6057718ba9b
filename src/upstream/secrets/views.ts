import { type Sliced, STRIDE, type Work } from './sliced.ts';

/** Bytes as somebody would read them after undoing one encoding, and where each of them stands in the original. */
export type View = { readonly bytes: Buffer; readonly starts: Uint32Array };

/** What stands at a place in another spelling: the bytes it means, and how many bytes of the text spell it; 0 for none. */
const spelled = { means: new Uint8Array(4), count: 0, length: 0 };
/** Says in `spelled` what stands there. It is read before anything else is. */
type Reading = (bytes: Buffer, at: number) => void;

/** The bytes as they are. */
export function plainView(bytes: Buffer): View {
  const starts = new Uint32Array(bytes.length + 1);
  for (let at = 0; at <= bytes.length; at += 1) starts[at] = at;
  return { bytes, starts };
}

/** The view with one more encoding undone, or null where there is nothing of it. Nothing is longer read than spelled. */
function* undone({ bytes, starts }: View, work: Work, mark: number, read: Reading): Sliced<View | null> {
  let at = bytes.indexOf(mark);
  if (at === -1) return null;
  const plain = Buffer.allocUnsafe(bytes.length);
  const from = new Uint32Array(bytes.length + 1);
  let length = 0;
  let done = 0;
  let told = 0;
  let changed = false;
  const copyUntil = (end: number): void => {
    if (end === done) return;
    bytes.copy(plain, length, done, end);
    from.set(starts.subarray(done, end), length);
    length += end - done;
    done = end;
  };
  const next = (start: number): number => (bytes[start] === mark ? start : bytes.indexOf(mark, start));
  for (; at !== -1; at = next(Math.max(at + 1, done))) {
    if (at - told > STRIDE) {
      if (work.isEnough(at - told)) yield;
      told = at;
    }
    spelled.length = 0;
    read(bytes, at);
    if (spelled.length === 0) continue;
    copyUntil(at);
    for (let n = 0; n < spelled.count; n += 1) {
      from[length] = starts[at]!;
      plain[length] = spelled.means[n]!;
      length += 1;
    }
    changed = true;
    done = at + spelled.length;
  }
  if (work.isEnough(bytes.length - told)) yield;
  if (!changed) return null;
  copyUntil(bytes.length);
  from[length] = starts[bytes.length]!;
  return { bytes: plain.subarray(0, length), starts: from };
}

const PERCENT = 0x25;
const PLUS = 0x2b;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const SMALL = 0x20;

/** `%41` in upper or lower case, needed or not. */
export function withoutPercents(view: View, work: Work): Sliced<View | null> {
  return undone(view, work, PERCENT, (bytes, at) => {
    const byte = hexAt(bytes, at + 1, 2);
    if (byte !== -1) meansByte(byte, 3);
  });
}

/** `+` for a space, as in forms. */
export function withoutPluses(view: View, work: Work): Sliced<View | null> {
  return undone(view, work, PLUS, () => meansByte(0x20, 1));
}

/** What stands behind the backslash, and what it means. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/', "'": "'" }).map(
    ([kind, meant]) => [kind.charCodeAt(0), meant.charCodeAt(0)],
  ),
);
const U = 0x75;

/** The escapes of a JSON text, as they stand inside a string. */
export function withoutEscapes(view: View, work: Work): Sliced<View | null> {
  return undone(view, work, BACKSLASH, (bytes, at) => {
    const kind = bytes[at + 1];
    if (kind !== U) {
      const meant = ESCAPES.get(kind ?? -1);
      if (meant !== undefined) meansByte(meant, 2);
      return;
    }
    const high = hexAt(bytes, at + 2, 4);
    if (high === -1) return;
    const isHigh = high >= 0xd800 && high < 0xdc00 && bytes[at + 6] === BACKSLASH && bytes[at + 7] === U;
    const low = isHigh ? hexAt(bytes, at + 8, 4) : -1;
    if (low >= 0xdc00 && low < 0xe000) meansCode(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12);
    else meansCode(high, 6);
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const LONGEST_ENTITY = 10;

/** The entities of HTML that a page writes a text with. */
export function withoutEntities(view: View, work: Work): Sliced<View | null> {
  return undone(view, work, AMPERSAND, (bytes, at) => {
    let end = at + 1;
    while (end < at + LONGEST_ENTITY && bytes[end] !== SEMICOLON && bytes[end] !== AMPERSAND) end += 1;
    if (bytes[end] !== SEMICOLON) return;
    if (bytes[at + 1] !== HASH) {
      const meant = ENTITIES[bytes.toString('latin1', at + 1, end).toLowerCase()];
      if (meant !== undefined) meansByte(meant.charCodeAt(0), end + 1 - at);
      return;
    }
    const isHex = (bytes[at + 2]! | SMALL) === 0x78;
    const digits = bytes.toString('latin1', at + (isHex ? 3 : 2), end);
    if (!(isHex ? /^[0-9a-f]{1,5}$/i : /^\d{1,6}$/).test(digits)) return;
    meansCode(Number.parseInt(digits, isHex ? 16 : 10), end + 1 - at);
  });
}

function meansByte(byte: number, length: number): void {
  spelled.means[0] = byte;
  spelled.count = 1;
  spelled.length = length;
}

const REPLACEMENT = 0xfffd;

/** A code point in UTF-8; half of a surrogate pair is none. */
function meansCode(code: number, length: number): void {
  const { means } = spelled;
  const point = code >= 0xd800 && code < 0xe000 ? REPLACEMENT : code;
  const more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  means[0] = [0, 0xc0, 0xe0, 0xf0][more]! | (point >> (6 * more));
  for (let n = 1; n <= more; n += 1) means[n] = 0x80 | ((point >> (6 * (more - n))) & 0x3f);
  spelled.count = more + 1;
  spelled.length = length;
}

const HEX = new Int8Array(256).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX[digit.charCodeAt(0)] = value;
  HEX[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The number that so many hexadecimal digits write, or -1 where they are none. */
function hexAt(bytes: Buffer, at: number, digits: number): number {
  let number = 0;
  for (let n = 0; n < digits; n += 1) {
    const digit = HEX[bytes[at + n] ?? 0]!;
    if (digit === -1) return -1;
    number = number * 16 + digit;
  }
  return number;
}
