import { createHash } from 'node:crypto';
import { pairsOf } from './pairs.ts';
import type { BodyPlace, FieldPlace } from './placement.ts';
import { fillForm, fillJson, formText, type Parts } from './template.ts';
import { nameOf, scalarText, Unfit } from './unfit.ts';

/** A body, and its type where that is not known before. Null for none. */
export type Body = { readonly bytes: Uint8Array | string | Parts | null; readonly type?: string };

type Args = Readonly<Record<string, unknown>>;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** The body of a place that was set out in full, made of `rest`: the arguments that have no other place. */
export function bodyOf(place: BodyPlace, args: Args, rest: Record<string, unknown>): Body {
  const { as, argument, template } = place;
  if (template !== undefined) {
    return { bytes: as === 'form' ? fillForm(template as Record<string, unknown>, args) : fillJson(template, args) };
  }
  if (argument !== undefined) return bodyOfOne(place, argument, rest);
  if (place.optional && Object.keys(rest).length === 0) return { bytes: null };
  const members = Object.entries(rest);
  const fields = fieldsOf(place);
  for (const [name] of members) delete rest[name];
  if (as === 'form') {
    const pairs = members.flatMap(([name, value]) => {
      const field = fields.get(name);
      return pairsOf(field?.name ?? name, value, field, formText);
    });
    return { bytes: pairs.join('&') };
  }
  if (as === 'multipart') return multipart(members, fields);
  return {
    bytes: JSON.stringify(Object.fromEntries(members.map(([name, value]) => [fields.get(name)?.name ?? name, value]))),
  };
}

function bodyOfOne({ as, optional }: BodyPlace, argument: string, rest: Record<string, unknown>): Body {
  if (!Object.hasOwn(rest, argument)) {
    if (optional) return { bytes: null };
    throw new Unfit(`The body needs the argument "${nameOf(argument)}".`);
  }
  const value = rest[argument];
  delete rest[argument];
  if (as === 'json') return { bytes: JSON.stringify(value) };
  if (as === 'bytes') return { bytes: bytesOf(argument, value).bytes };
  const text = scalarText(value);
  if (text === null) throw new Unfit(`The argument "${nameOf(argument)}" is sent as text, and is none.`);
  return { bytes: text };
}

const known = new WeakMap<BodyPlace, ReadonlyMap<string, FieldPlace>>();

function fieldsOf(place: BodyPlace): ReadonlyMap<string, FieldPlace> {
  let fields = known.get(place);
  if (fields === undefined) {
    fields = new Map((place.fields ?? []).map((field) => [field.argument, field]));
    known.set(place, fields);
  }
  return fields;
}

/** A file as it stands among the arguments. */
function bytesOf(argument: string, value: unknown): { bytes: Buffer; filename: string; type: string | undefined } {
  const { base64, filename, content_type } = (typeof value === 'object' && value !== null ? value : {}) as Args;
  if (typeof base64 !== 'string' || !BASE64.test(base64)) {
    throw new Unfit(`The argument "${nameOf(argument)}" is a file: an object with its bytes in base64 as "base64".`);
  }
  return {
    bytes: Buffer.from(base64, 'base64'),
    filename: typeof filename === 'string' && filename !== '' ? filename : 'file',
    type: typeof content_type === 'string' ? content_type : undefined,
  };
}

type Part = { readonly head: string; readonly bytes: Buffer };

/** `multipart/form-data` (RFC 7578). Its boundary follows from what is in it, so that the same call is the same bytes. */
function multipart(members: readonly [string, unknown][], fields: ReadonlyMap<string, FieldPlace>): Body {
  const parts = members.flatMap(([argument, value]): Part[] => {
    const field = fields.get(argument);
    const name = field?.name ?? argument;
    const items = Array.isArray(value) && (field?.file || field?.content_type === undefined) ? value : [value];
    return items.map((item) => partOf(argument, name, item, field));
  });
  const hash = createHash('sha256');
  for (const { head, bytes } of parts) hash.update(`${head}\n${bytes.length}\n`).update(bytes);
  const boundary = `countersign-${hash.digest('hex').slice(0, 40)}`;
  const chunks = parts.flatMap(({ head, bytes }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    bytes: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function partOf(argument: string, name: string, value: unknown, field: FieldPlace | undefined): Part {
  if (field?.file) {
    const { bytes, filename, type = field.content_type ?? 'application/octet-stream' } = bytesOf(argument, value);
    if (!/^[\w.+-]+\/[\w.+-]+$/.test(type))
      throw new Unfit(`The file "${nameOf(argument)}" has no media type as its content_type.`);
    return { head: `name="${quoted(name)}"; filename="${quoted(filename)}"\r\nContent-Type: ${type}`, bytes };
  }
  const text = value === null ? '' : scalarText(value);
  const type = field?.content_type ?? (text === null ? 'application/json' : undefined);
  const head = `name="${quoted(name)}"${type === undefined ? '' : `\r\nContent-Type: ${type}`}`;
  return { head, bytes: Buffer.from(text ?? JSON.stringify(value)) };
}

/** A name between quotes, escaped as browsers do. */
function quoted(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
