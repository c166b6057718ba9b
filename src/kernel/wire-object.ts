import { canonicalBytes } from './canonical-bytes.ts';
import { canonicalBytesOf } from './jcs.ts';
import type { JsonFault } from './json-fault.ts';
import { isJsonObject, type JsonObject, parseStrictBytes } from './strict-json.ts';

/** An accepted JSON object from the wire, and its members' canonical form (RFC 8785). */
export type WireObject =
  | { readonly ok: true; readonly value: JsonObject; canonical(member: string): Uint8Array | undefined }
  | ({ readonly ok: false } & JsonFault);

/**
 * Reads the bytes of a request body that must be a JSON object, by the rules of {@link parseStrictBytes}. Plain text is
 * made canonical on its bytes, and the value read from what came of that; the rest is parsed first and written after.
 * Either way the value is frozen.
 */
export function readWireObject(source: Uint8Array): WireObject {
  const plain = canonicalBytes(source);
  if (plain !== undefined) {
    const { bytes, members } = plain;
    return {
      ok: true,
      value: frozen(JSON.parse(bytes.toString())),
      canonical(member) {
        const span = members.find(({ key }) => key === member);
        return span && bytes.subarray(span.start, span.end);
      },
    };
  }
  const parsed = parseStrictBytes(source);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (!isJsonObject(value)) return { ok: false, path: '$', reason: 'the body must be a JSON object' };
  return {
    ok: true,
    value,
    canonical: (member) => (Object.hasOwn(value, member) ? canonicalBytesOf(value[member]) : undefined),
  };
}

/** The members are visited in place: lists of them would cost more than the freezing. */
function frozen<T extends object>(value: T): T {
  if (Array.isArray(value)) for (let index = 0; index < value.length; index++) freezeMember(value[index]);
  else for (const name in value) freezeMember(value[name]);
  return Object.freeze(value);
}

function freezeMember(member: unknown): void {
  if (typeof member === 'object' && member !== null) frozen(member);
}
