import { canonicalBytes } from './canonical-bytes.ts';
import { canonicalBytesOf } from './jcs.ts';
import type { JsonFault } from './json-fault.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseStrictBytes } from './strict-json.ts';

type Accepted<Value> = {
  readonly ok: true;
  readonly value: Value;
  /** The canonical form (RFC 8785) of a member, of a member of that, and so on; undefined where there is none. */
  canonical(...path: readonly [string, ...string[]]): Uint8Array | undefined;
};
type Faulty = { readonly ok: false } & JsonFault;

/** A JSON document from the wire, accepted or not. */
export type WireValue = Accepted<JsonValue> | Faulty;
/** The same where it must be an object. */
export type WireObject = Accepted<JsonObject> | Faulty;

/**
 * Reads the bytes of a request body by the rules of {@link parseStrictBytes}. Plain text of an object is made canonical on
 * its bytes, and the value read from what came of that; the rest is parsed first and written after. Either way the value
 * is frozen.
 */
export function readWire(source: Uint8Array): WireValue {
  const plain = canonicalBytes(source);
  if (plain !== undefined) {
    const { bytes, members } = plain;
    return {
      ok: true,
      value: frozen(JSON.parse(bytes.toString())),
      canonical(member, ...inside) {
        const span = members.find(({ key }) => key === member);
        return span && within(bytes.subarray(span.start, span.end), inside);
      },
    };
  }
  const parsed = parseStrictBytes(source);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  return { ok: true, value, canonical: (...path) => canonicalOf(value, path) };
}

/** The same for a body that must be an object. */
export function readWireObject(source: Uint8Array): WireObject {
  const read = readWire(source);
  if (!read.ok) return read;
  const { value, canonical } = read;
  if (isJsonObject(value)) return { ok: true, value, canonical };
  return { ok: false, path: '$', reason: 'the body must be a JSON object' };
}

/** A member inside of a canonical text, canonical as it stands there. */
function within(canonical: Buffer, [member, ...inside]: readonly string[]): Uint8Array | undefined {
  if (member === undefined) return canonical;
  const found = canonicalBytes(canonical);
  if (found === undefined) return canonicalOf(JSON.parse(canonical.toString()), [member, ...inside]);
  const span = found.members.find(({ key }) => key === member);
  return span && within(found.bytes.subarray(span.start, span.end), inside);
}

function canonicalOf(value: JsonValue, path: readonly string[]): Uint8Array | undefined {
  let found: JsonValue | undefined = value;
  for (const member of path) {
    found = isJsonObject(found) && Object.hasOwn(found, member) ? found[member] : undefined;
    if (found === undefined) return undefined;
  }
  return canonicalBytesOf(found);
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
