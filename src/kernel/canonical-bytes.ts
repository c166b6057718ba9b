import { isUtf8 } from 'node:buffer';
import { forgetNames, noteName } from './source-names.ts';
import { type JsonLimits, WIRE_LIMITS } from './strict-json.ts';

/** Where the value of one member of the root object stands in the canonical bytes: [start, end). */
export type Span = { readonly key: string; readonly start: number; readonly end: number };

/** The canonical form of an object, and the members of that object in canonical order. */
export type CanonicalBytes = { readonly bytes: Buffer; readonly members: readonly Span[] };

const { maxBytes: MOST_BYTES, maxValues: MOST_VALUES, maxNames: MOST_NAMES } = WIRE_LIMITS;
/** Only numbers take more room than they had, 12 bytes at most: 1e15 becomes 1000000000000000. */
const MOST_GROWTH = 12 * MOST_VALUES;
/** Every value takes two bytes and every name six (`"a":0,`), so that shorter sources need no counting of them. */
const COUNTED_BYTES = Math.min(2 * MOST_VALUES, 6 * MOST_NAMES);
const MOST_DEPTH = 512; // as deep as `canonicalize` writes
/** More members are sorted, and more bytes copied, by the engine. */
const FEW_MEMBERS = 16;
const FEW_BYTES = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;

const CHARACTERS = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
const IN_NUMBER = Uint8Array.from(CHARACTERS, (character) => Number(/[0-9+\-.eE]/.test(character)));
/** After a backslash: the letters of the escapes that are canonical as they are. */
const KEPT_ESCAPE = Uint8Array.from(CHARACTERS, (character) => Number(/["\\bfnrt]/.test(character)));
const HEX = Int8Array.from(CHARACTERS, (character) =>
  /[0-9a-f]/i.test(character) ? Number.parseInt(character, 16) : -1,
);
/** How ASCII is written in a string: as ECMAScript does (RFC 8785, 3.2.2.2). */
const ASCII = CHARACTERS.slice(0, 128).map((character) => JSON.stringify(character).slice(1, -1));
/**
 * Keys are sorted by UTF-16 code units (RFC 8785, 3.2.3). That is the order of their UTF-8 bytes, except that U+E000
 * to U+FFFF (lead bytes EE and EF) come after the characters beyond (F0 to F4). The quote after a key comes first.
 */
const RANK = Uint8Array.from(CHARACTERS, (_, byte) => (byte === 0xee || byte === 0xef ? byte + 16 : byte));
RANK[QUOTE] = 0;

// The scratch has its full size from the start, because V8 is a fifth faster on arrays that are constants; only what
// was written to takes memory. First comes the source, then the text, with as much room behind it for sorting.
const TEXT = MOST_BYTES + 64;
const bytes = Buffer.allocUnsafeSlow(TEXT + 2 * (MOST_BYTES + MOST_GROWTH) + 64);
const words = new DataView(bytes.buffer);

// The members of the open objects, innermost last (each takes more than four bytes): where the opening quote of the
// key was written, and the rank of the key. Also, when an object was sorted, its members in order.
const keyAt = new Int32Array(MOST_BYTES / 4);
const rankOf = new Int32Array(MOST_BYTES / 4);
const order = new Int32Array(MOST_BYTES / 4);

/** What each open container stands in: where the members of that begin, twice, plus 1 when they are in order. */
const frames = new Int32Array(MOST_DEPTH);

// What functions return besides a position: the members of the root; where writing goes on.
let rootMembers = 0;
let rootSorted = true;
let written = 0;

/**
 * Reads a JSON object by the rules of `parseStrictBytes` and gives its canonical form (RFC 8785, JCS), in one pass
 * over the bytes and without building the value. Returns undefined for whatever it does not plainly accept: every
 * fault, and some of what is allowed (another root than an object, escapes in keys). The caller then takes the careful
 * way. Never throws.
 */
export function canonicalBytes(source: Uint8Array, limits: JsonLimits = WIRE_LIMITS): CanonicalBytes | undefined {
  const size = source.length;
  if (size < 2 || size > MOST_BYTES || !(size <= limits.maxBytes) || !isUtf8(source)) return undefined;
  bytes.set(source, 0);
  // What follows the source reads as control characters, which are allowed nowhere.
  words.setInt32(size, 0);
  const end = scan(size, limits);
  return end === -1 ? undefined : finish(end);
}

/** Writes the source again without white space, its tokens canonical; returns where the text ends, or -1. */
function scan(size: number, limits: JsonLimits): number {
  const maxDepth = Math.min(limits.maxDepth, MOST_DEPTH);
  const counted = size >= COUNTED_BYTES || limits !== WIRE_LIMITS;
  let values = Math.min(limits.maxValues, MOST_VALUES);
  let names = Math.min(limits.maxNames, MOST_NAMES);
  if (counted) forgetNames();
  let i = skipSpace(0);
  let o = TEXT;
  let depth = 0;
  let top = 0;
  // Where the members of the innermost container begin, or -1 in an array, and whether they are in order.
  let base = -1;
  let sorted = true;
  if (bytes[i] !== OPEN_OBJECT) return -1;

  // One value in each turn, in an object with its key.
  for (;;) {
    if (!(--values >= 0)) return -1;
    if (base !== -1) {
      if (bytes[i] !== QUOTE) return -1;
      const end = copyKey(i, o);
      if (end === -1) return -1;
      keyAt[top] = o;
      rankOf[top] = rankKey(o + 1, end - i - 2);
      if (counted) names -= noteName(words, i, end - 1);
      if (!(names >= 0)) return -1;
      if (sorted && top > base) sorted = compareMembers(top - 1, top) < 0;
      o += end - i;
      top++;
      i = skipSpace(end);
      if (bytes[i] !== COLON) return -1;
      bytes[o++] = COLON;
      i = skipSpace(i + 1);
    }
    const c = bytes[i] as number;
    if (c === QUOTE) {
      i = copyString(i, o);
      if (i === -1) return -1;
      o = written;
    } else if (c === OPEN_OBJECT || c === 0x5b) {
      if (!(depth < maxDepth)) return -1;
      bytes[o++] = c;
      frames[depth++] = (base << 1) | (sorted ? 1 : 0);
      base = c === OPEN_OBJECT ? top : -1;
      sorted = true;
      i = skipSpace(i + 1);
      // The closing bracket or brace is two beyond the opening one.
      if (bytes[i] !== c + 2) continue;
    } else if (c <= NINE) {
      i = copyNumber(i, o);
      if (i === -1) return -1;
      o = written;
    } else {
      const word = words.getInt32(i);
      words.setInt32(o, word);
      if (word !== 0x74727565 && word !== 0x6e756c6c) {
        // Neither "true" nor "null", so "fals" and the "e".
        if (word !== 0x66616c73 || bytes[i + 4] !== 0x65) return -1;
        bytes[o + 4] = 0x65;
        i++;
        o++;
      }
      i += 4;
      o += 4;
    }
    // Closes what ends with this value.
    for (;;) {
      i = skipSpace(i);
      const next = bytes[i] as number;
      if (next === COMMA) break;
      if (next !== (base === -1 ? 0x5d : 0x7d)) return -1;
      if (!sorted && !sortMembers(base, top, o)) return -1;
      bytes[o++] = next;
      i++;
      if (--depth === 0) {
        rootMembers = top;
        rootSorted = sorted;
        return skipSpace(i) === size ? o : -1;
      }
      if (base !== -1) top = base;
      const frame = frames[depth] as number;
      base = frame >> 1;
      sorted = (frame & 1) === 1;
    }
    bytes[o++] = COMMA;
    i = skipSpace(i + 1);
  }
}

function skipSpace(from: number): number {
  for (let i = from; ; i++) {
    const c = bytes[i] as number;
    if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) return i;
  }
}

/**
 * Sets the high bit of the bytes that end a run of plain characters: quotes, backslashes, controls. Above the lowest
 * of them bits may be wrong. Flipping bit 1 puts the quote next to the controls, so that one subtraction finds both.
 */
function stops(word: number): number {
  return (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & ~word & 0x80808080;
}

/** Copies plain characters of a string and what ends them; returns where that stands in the source. */
function copyPlain(from: number, to: number): number {
  let i = from | 0;
  const shift = (to - i) | 0;
  for (;;) {
    const word = words.getInt32(i, true);
    words.setInt32((i + shift) | 0, word, true);
    const stop = stops(word);
    if (stop !== 0) return i + ((31 - Math.clz32(stop & -stop)) >>> 3);
    i = (i + 4) | 0;
  }
}

/** Copies a key, which may not have escapes; returns where reading goes on, or -1. */
function copyKey(from: number, to: number): number {
  bytes[to] = QUOTE;
  const end = copyPlain(from + 1, to + 1);
  if (bytes[end] !== QUOTE) return -1;
  // The first word of "__proto__" tells it from most keys.
  const suspect = end - from === 10 && words.getInt32(from) === 0x225f5f70;
  return suspect && bytes.toString('latin1', from + 1, end) === '__proto__' ? -1 : end + 1;
}

/** Copies a string value; returns where reading goes on, or -1. */
function copyString(from: number, to: number): number {
  bytes[to] = QUOTE;
  let i = from + 1;
  let o = to + 1;
  for (;;) {
    const end = copyPlain(i, o);
    o += end - i;
    i = end + 1;
    if (bytes[end] === QUOTE) {
      written = o + 1;
      return i;
    }
    if (bytes[end] !== BACKSLASH) return -1;
    const letter = bytes[i++] as number;
    if (KEPT_ESCAPE[letter] === 1) {
      bytes[o + 1] = letter;
      o += 2;
    } else if (letter === 0x75) {
      let code = hex4(i);
      i += 4;
      if ((code & 0xf800) === 0xd800) {
        const low = bytes[i] === BACKSLASH && bytes[i + 1] === 0x75 ? hex4(i + 2) : -1;
        if (code >= 0xdc00 || (low & 0xfc00) !== 0xdc00) return -1;
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
        i += 6;
      }
      if (code < 0) return -1;
      o = code < 0x80 ? writeText(o, ASCII[code] as string) : writeUtf8(o, code);
    } else if (letter === 0x2f) {
      bytes[o++] = letter;
    } else return -1;
  }
}

/** What four hexadecimal digits stand for; negative when they are not. */
function hex4(at: number): number {
  return (hex(at) << 12) | (hex(at + 1) << 8) | (hex(at + 2) << 4) | hex(at + 3);
}

const hex = (at: number): number => HEX[bytes[at] as number] as number;

function writeText(to: number, ascii: string): number {
  for (let at = 0; at < ascii.length; at++) bytes[to + at] = ascii.charCodeAt(at);
  return to + ascii.length;
}

function writeUtf8(to: number, code: number): number {
  const tails = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  bytes[to] = (0xf80 >> tails) | (code >> (6 * tails));
  for (let tail = 1; tail <= tails; tail++) bytes[to + tail] = 0x80 | ((code >> (6 * (tails - tail))) & 0x3f);
  return to + tails + 1;
}

/**
 * Copies a number as ECMAScript prints it; returns where reading goes on, or -1. Up to 15 digits every decimal has a
 * double of its own, so its shortest text is the one at hand, less zeros at the end of the fraction.
 */
function copyNumber(from: number, to: number): number {
  let i = from;
  let o = to;
  let c = bytes[i] as number;
  if (c === MINUS) {
    bytes[o++] = c;
    c = bytes[++i] as number;
  }
  const first = i;
  const zero = c === ZERO;
  while (c >= ZERO && c <= NINE) {
    bytes[o++] = c;
    c = bytes[++i] as number;
  }
  let digits = i - first;
  if (digits === 0 || (zero && digits > 1)) return -1;
  if (c === POINT) {
    // Below 0.000001 there is an exponent; "0000" is far enough before that.
    if (zero && words.getInt32(i + 1) === 0x30303030) return rewriteNumber(from, i, to);
    do {
      bytes[o++] = c;
      c = bytes[++i] as number;
    } while (c >= ZERO && c <= NINE);
    digits = i - first - 1;
    if (bytes[i - 1] === POINT) return -1;
    while (bytes[o - 1] === ZERO) o--;
    if (bytes[o - 1] === POINT) o--;
  }
  if (digits > 15 || (c | 0x20) === 0x65) return rewriteNumber(from, i, to);
  if (zero && o - to === 2 && bytes[to] === MINUS) {
    bytes[to] = ZERO;
    o--;
  }
  written = o;
  return i;
}

/** {@link copyNumber} by way of the value; the number has been found well formed as far as `end`. */
function rewriteNumber(from: number, end: number, to: number): number {
  let i = end;
  while (IN_NUMBER[bytes[i] as number] === 1) i++;
  // What else these characters make is NaN.
  const value = Number(bytes.toString('latin1', from, i));
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return -1;
  written = writeText(to, String(value));
  return i;
}

/** The first four bytes of a key as a number that orders as they do. */
function rankKey(at: number, length: number): number {
  let word = words.getInt32(at);
  // A shorter key ends in zeros, which are no part of any key.
  if (length < 4) word &= -2 << (31 - 8 * length);
  for (let shift = 24; shift >= 0 && (word & 0x80808080) !== 0; shift -= 8) {
    const byte = (word >>> shift) & 0xff;
    word += ((RANK[byte] as number) - byte) << shift;
  }
  // Bytes have no sign, and numbers do.
  return word ^ -0x80000000;
}

/** Compares two keys, given their opening quotes; 0 when they are equal. */
function compareKeys(left: number, right: number): number {
  let a = left + 1;
  let b = right + 1;
  for (let word = words.getInt32(a); word === words.getInt32(b) && stops(word) === 0; word = words.getInt32(a)) {
    a += 4;
    b += 4;
  }
  while (bytes[a] === bytes[b] && bytes[a] !== QUOTE) {
    a++;
    b++;
  }
  return (RANK[bytes[a] as number] as number) - (RANK[bytes[b] as number] as number);
}

function compareMembers(left: number, right: number): number {
  const x = rankOf[left] as number;
  const y = rankOf[right] as number;
  return x === y ? compareKeys(keyAt[left] as number, keyAt[right] as number) : x - y;
}

/** Puts the members of an object that ends at `end` in order; false when two keys are equal. */
function sortMembers(base: number, top: number, end: number): boolean {
  const few = top - base <= FEW_MEMBERS;
  for (let k = base; k < top; k++) {
    let at = k;
    while (few && at > base && compareMembers(order[at - 1] as number, k) >= 0) {
      order[at] = order[at - 1] as number;
      at--;
    }
    order[at] = k;
  }
  if (!few) order.subarray(base, top).sort(compareMembers);
  // The sorted members are put together behind the text, each with the brace or comma before it, and moved back.
  let o = end;
  for (let k = base; k < top; k++) {
    const member = order[k] as number;
    if (k > base && compareMembers(order[k - 1] as number, member) === 0) return false;
    const start = (keyAt[member] as number) - 1;
    const length = (member + 1 === top ? end : (keyAt[member + 1] as number) - 1) - start;
    copyText(start, length, o);
    bytes[o] = k === base ? OPEN_OBJECT : COMMA;
    o += length;
  }
  copyText(end, o - end, (keyAt[base] as number) - 1);
  return true;
}

/** Copies part of the text, and perhaps a few bytes more. */
function copyText(from: number, length: number, to: number): void {
  if (length > FEW_BYTES) bytes.copyWithin(to, from, from + length);
  else for (let at = 0; at < length; at += 8) words.setBigInt64(to + at, words.getBigInt64(from + at));
}

/** Takes the text out of the scratch. */
function finish(end: number): CanonicalBytes {
  const members: Span[] = [];
  let key = TEXT + 2;
  for (let k = 0; k < rootMembers; k++) {
    const member = rootSorted ? k : (order[k] as number);
    // How long the member is shows where it stood before it was moved.
    const next = key + (member + 1 === rootMembers ? end : (keyAt[member + 1] as number)) - (keyAt[member] as number);
    let close = key;
    while (bytes[close] !== QUOTE) close++;
    members.push({ key: bytes.toString('utf8', key, close), start: close + 2 - TEXT, end: next - 2 - TEXT });
    key = next;
  }
  const result = Buffer.allocUnsafe(end - TEXT);
  bytes.copy(result, 0, TEXT, end);
  return { bytes: result, members };
}
