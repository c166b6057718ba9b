import { findJsonFault, type JsonFault } from './json-fault.ts';

/** A value of an accepted document. Objects are plain, and the whole tree is frozen. */
export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = { readonly [key: string]: JsonValue };

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An accepted document, or the first fault with its JSON path. */
export type StrictJson = { readonly ok: true; readonly value: JsonValue } | ({ readonly ok: false } & JsonFault);
export type StrictText = { readonly ok: true; readonly text: string } | ({ readonly ok: false } & JsonFault);

/** Bounds of a document: size in UTF-8 bytes, and how many arrays and objects may enclose each other. */
export type JsonLimits = { readonly maxBytes: number; readonly maxDepth: number };

/** What the envelope contract allows on the wire: 1 MiB and 64 levels. */
export const WIRE_LIMITS: JsonLimits = { maxBytes: 1_048_576, maxDepth: 64 };

/**
 * Parses a JSON text by I-JSON (RFC 7493) and this project's envelope contract, without ever throwing for
 * bad input. Refused, beside what is not JSON: duplicate keys (after unescaping), lone surrogates, numbers
 * beyond ±(2^53−1) or not finite, the key `__proto__`, a byte order mark, too much depth, too many bytes.
 * `-0` is read as `0`, as RFC 8785 writes it.
 *
 * Accepted text pays for the native parser and one pass over bytes and tree; only refused text is read a
 * second time, to find the path.
 */
export function parseStrict(text: string, limits: JsonLimits = WIRE_LIMITS): StrictJson {
  // A UTF-16 unit is at least one byte, so a longer text need not be encoded to be refused.
  if (text.length > limits.maxBytes) return tooLarge(limits);
  const bytes = Buffer.from(text);
  if (bytes.length > limits.maxBytes) return tooLarge(limits);
  return text.isWellFormed() ? parseBounded(text, bytes, limits) : refused(text, limits);
}

/** {@link parseStrict} for the bytes of a request body; refuses what is not UTF-8. */
export function parseStrictBytes(bytes: Uint8Array, limits: JsonLimits = WIRE_LIMITS): StrictJson {
  if (bytes.length > limits.maxBytes) return tooLarge(limits);
  const decoded = decodeUtf8Strict(bytes);
  return decoded.ok ? parseBounded(decoded.text, bytes, limits) : decoded;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8, refusing malformed sequences (encoded surrogates too) and a byte order mark. */
export function decodeUtf8Strict(bytes: Uint8Array): StrictText {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { ok: false, path: '$', reason: 'not UTF-8' };
  }
  if (text.charCodeAt(0) === 0xfeff) return { ok: false, path: '$', reason: 'starts with a byte order mark' };
  return { ok: true, text };
}

function tooLarge(limits: JsonLimits): StrictJson {
  return { ok: false, path: '$', reason: `larger than ${limits.maxBytes} bytes` };
}

/** `text` is well formed, as whatever was decoded from UTF-8 is. */
function parseBounded(text: string, bytes: Uint8Array, limits: JsonLimits): StrictJson {
  let root: { value: JsonValue };
  try {
    root = { value: JSON.parse(text) };
  } catch {
    return refused(text, limits);
  }
  const escapes = scanEscapes(text);
  // The root sits in a holder, so that it is checked like any other member; the holder's own key counts once.
  const strings = sealMembers(root, limits.maxDepth, escapes.surrogates) - 1;
  // JSON.parse keeps the last of two equal keys. Each string of the text has two bare quotes and each string
  // of the tree came from one of them, so a dropped member leaves more quotes than the tree accounts for.
  const noneDropped = countQuotes(bytes) - escapes.quotes === 2 * strings;
  if (strings >= 0 && noneDropped) return { ok: true, value: root.value };
  return refused(text, limits);
}

function refused(text: string, limits: JsonLimits): StrictJson {
  // The fast checks and the scanner hold the same rules (a property test says so); were they ever to
  // differ, the document is refused all the same.
  const fault = findJsonFault(text, limits.maxDepth) ?? { path: '$', reason: 'not acceptable' };
  return { ok: false, ...fault };
}

/** Finds how many quotes are escaped and whether an escape might be half of a surrogate pair. */
function scanEscapes(text: string): { quotes: number; surrogates: boolean } {
  let quotes = 0;
  let surrogates = false;
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at + 2)) {
    const letter = text.charCodeAt(at + 1);
    if (letter === 0x22) quotes++;
    else if (letter === 0x75 && (text.charCodeAt(at + 2) | 0x20) === 0x64) surrogates = true;
  }
  return { quotes, surrogates };
}

/** Four bytes at a time: of the words' bytes, those that differ from a quote by nothing are counted. */
function countQuotes(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const lead = Math.min(length, -byteOffset & 3);
  const words = new Uint32Array(buffer, byteOffset + lead, (length - lead) >>> 2);
  const rest = lead + words.length * 4;
  let count = 0;
  for (let at = 0; at < lead; at++) if (bytes[at] === 0x22) count++;
  for (let index = 0; index < words.length; index++) {
    const differing = (words[index] as number) ^ 0x22222222;
    // The high bit of every byte that is zero, and of no other (Warren, Hacker's Delight, 6-1).
    const zero = ~(((differing & 0x7f7f7f7f) + 0x7f7f7f7f) | differing) & 0x80808080;
    count += Math.imul(zero >>> 7, 0x01010101) >>> 24;
  }
  for (let at = rest; at < length; at++) if (bytes[at] === 0x22) count++;
  return count;
}

type Members = { [key: string]: JsonValue };

/**
 * Checks and freezes every container below `node`, turning -0 into 0. Returns how many strings there are,
 * keys included, or a negative number when something is not allowed.
 */
function sealMembers(node: Members, room: number, surrogates: boolean): number {
  let strings = 0;
  for (const key in node) {
    if (key === '__proto__') return Number.NEGATIVE_INFINITY;
    if (surrogates && !key.isWellFormed()) return Number.NEGATIVE_INFINITY;
    const child = node[key] as JsonValue;
    if (child === 0) node[key] = 0;
    strings += 1 + sealChild(child, room, surrogates);
  }
  return strings;
}

function sealElements(node: JsonValue[], room: number, surrogates: boolean): number {
  let strings = 0;
  for (let index = 0; index < node.length; index++) {
    const child = node[index] as JsonValue;
    if (child === 0) node[index] = 0;
    strings += sealChild(child, room, surrogates);
  }
  return strings;
}

function sealChild(child: JsonValue, room: number, surrogates: boolean): number {
  if (typeof child === 'string') return surrogates && !child.isWellFormed() ? Number.NEGATIVE_INFINITY : 1;
  if (typeof child === 'number') {
    // Every double beyond 2^53−1 is an integer, so this one bound covers infinities and fractions too.
    return child <= Number.MAX_SAFE_INTEGER && child >= Number.MIN_SAFE_INTEGER ? 0 : Number.NEGATIVE_INFINITY;
  }
  if (typeof child !== 'object' || child === null) return 0;
  if (room === 0) return Number.NEGATIVE_INFINITY;
  const strings = Array.isArray(child)
    ? sealElements(child as JsonValue[], room - 1, surrogates)
    : sealMembers(child as Members, room - 1, surrogates);
  Object.freeze(child);
  return strings;
}
