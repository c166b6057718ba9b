import type { JsonFault } from './json-fault.ts';
import { JsonReader } from './json-reader.ts';
import type { JsonArray, JsonObject, JsonValue } from './json-value.ts';

export type { JsonArray, JsonObject, JsonValue };

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An accepted document, or the first fault with its JSON path. */
export type StrictJson = { readonly ok: true; readonly value: JsonValue } | ({ readonly ok: false } & JsonFault);
export type StrictText = { readonly ok: true; readonly text: string } | ({ readonly ok: false } & JsonFault);

/** Bounds of a document. */
export type JsonLimits = {
  /** Of its UTF-8 form. */
  readonly maxBytes: number;
  /** Arrays and objects that may enclose each other. */
  readonly maxDepth: number;
  /** Values of any kind: each scalar, array and object counts as one. */
  readonly maxValues: number;
  /** Different names that its members may have, all objects together. */
  readonly maxNames: number;
};

/**
 * What is allowed on the wire. Bytes and depth are the envelope contract's. Values and names bound the time that a
 * document takes, whose bytes say little about it: 1 MiB of members with names of their own takes a hundred times
 * what 1 MiB of text does.
 */
export const WIRE_LIMITS: JsonLimits = { maxBytes: 1_048_576, maxDepth: 64, maxValues: 50_000, maxNames: 5_000 };

/**
 * Parses a JSON text by I-JSON (RFC 7493) and this project's envelope contract, without ever throwing for
 * bad input. Refused, beside what is not JSON: duplicate keys (after unescaping), lone surrogates, numbers
 * beyond ±(2^53−1) or not finite, the key `__proto__`, a byte order mark, and whatever is beyond the limits.
 * `-0` is read as `0`, as RFC 8785 writes it.
 */
export function parseStrict(text: string, limits: JsonLimits = WIRE_LIMITS): StrictJson {
  // A UTF-16 unit is at least one byte, so a longer text need not be encoded to be refused.
  if (text.length > limits.maxBytes || Buffer.byteLength(text) > limits.maxBytes) return tooLarge(limits);
  return read(text, limits);
}

/** {@link parseStrict} for the bytes of a request body; refuses what is not UTF-8. */
export function parseStrictBytes(bytes: Uint8Array, limits: JsonLimits = WIRE_LIMITS): StrictJson {
  if (bytes.length > limits.maxBytes) return tooLarge(limits);
  const decoded = decodeUtf8Strict(bytes);
  return decoded.ok ? read(decoded.text, limits) : decoded;
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

function read(text: string, limits: JsonLimits): StrictJson {
  const reader = new JsonReader(text, { ...limits, strict: true });
  const value = reader.document();
  return value === undefined ? { ok: false, ...reader.fault } : { ok: true, value };
}
