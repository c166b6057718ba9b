import { type Gathered, NotPossible } from './gathered.ts';
import { isObject, type Json } from './parse.ts';
import type { Place, References } from './references.ts';
import { uniqueTexts } from './schema.ts';

type Chosen = {
  readonly as: 'json' | 'form' | 'multipart' | 'text' | 'bytes';
  readonly type: string;
  readonly media: Json;
};

/** A file among the arguments. */
const FILE = {
  type: 'object',
  properties: {
    base64: { type: 'string', contentEncoding: 'base64', description: 'Its bytes in base64.' },
    filename: { type: 'string', maxLength: 200 },
    content_type: { type: 'string', maxLength: 100 },
  },
  required: ['base64'],
  additionalProperties: false,
} as const;
const BYTES = { ...FILE, properties: { base64: FILE.properties.base64 } } as const;

/** Gives the body of an operation its place: its members are arguments where they can be, else it is one argument. */
export function placeBody(place: Place, method: string, gathered: Gathered): void {
  const resolved = gathered.references.follow(place);
  if (!resolved.ok) throw new NotPossible(resolved.reason);
  const body = resolved.place.value;
  if (!isObject(body) || !isObject(body.content) || Object.keys(body.content).length === 0) {
    if (method !== 'GET' && method !== 'DELETE') gathered.config.body = 'none';
    return;
  }
  if (method === 'GET') {
    if (body.required === true) throw new NotPossible('GET is called without a body, and it needs one');
    gathered.notes.push('the body was left out: GET has none');
    return;
  }
  const chosen = choose(body.content);
  if (chosen === null)
    throw new NotPossible(`it takes ${Object.keys(body.content).slice(0, 3).join(', ')}, which is not sent`);
  const { document } = resolved.place;
  const schema: Place = { value: chosen.media.schema ?? {}, document };
  const isOptional = body.required !== true;
  if (chosen.as === 'form' || chosen.as === 'multipart' || chosen.as === 'json') {
    const flat = flattened(schema, gathered.references);
    if (flat !== null) {
      // Left out, "required" is false; documents that name needed members and leave it out do not mean that.
      const isMeant = body.required === undefined && flat.required.length > 0;
      if (isMeant) gathered.notes.push('the body is needed, because members of it are');
      placeMembers(chosen, flat, isOptional && !isMeant, gathered);
      return;
    }
    if (chosen.as !== 'json') throw new NotPossible(`the members of its ${chosen.type} are not listed`);
  }
  const argument = gathered.names.take('body', 'content');
  const isBytes = chosen.as === 'bytes';
  gathered.properties[argument] = isBytes
    ? BYTES
    : chosen.as === 'text'
      ? { type: 'string' }
      : gathered.writer.write(schema);
  if (!isOptional) gathered.required.push(argument);
  gathered.config.body = { as: chosen.as, argument, ...typeOf(chosen), ...(isOptional && { optional: true }) };
}

/** The media type that is sent, of those that the operation takes. */
function choose(content: Json): Chosen | null {
  const types = Object.entries(content).filter((entry): entry is [string, Json] => isObject(entry[1]));
  const find = (as: Chosen['as'], pattern: RegExp): Chosen | undefined => {
    const found = types.find(([type]) => pattern.test(type));
    return found && { as, type: found[0].trim(), media: found[1] };
  };
  return (
    find('json', /^application\/json\s*(?:;|$)/i) ??
    find('json', /^(?:[\w.-]+\/[\w.-]+\+json|text\/json)\s*(?:;|$)/i) ??
    find('form', /^application\/x-www-form-urlencoded/i) ??
    find('multipart', /^multipart\/form-data/i) ??
    find('json', /^(?:\*\/\*|application\/\*)$/) ??
    find('text', /^text\/(?!xml)[\w.*-]+\s*(?:;|$)/i) ??
    find('bytes', /^(?:application\/(?:octet-stream|zip|gzip|pdf|x-[\w.-]+)|image\/.*|audio\/.*|video\/.*)$/i) ??
    null
  );
}

function typeOf({ as, type }: Chosen): { content_type?: string } {
  if (as === 'form' || as === 'multipart' || type.includes('*') || /^application\/json$/i.test(type)) return {};
  return { content_type: type };
}

/** The members of an object that is one, its parts by `allOf` put together. */
type Flat = {
  readonly members: readonly [string, Place][];
  readonly required: readonly string[];
  readonly beside: Json;
  readonly additional: Place | null;
};

function placeMembers(chosen: Chosen, flat: Flat, isOptional: boolean, gathered: Gathered): void {
  const { references, writer, names, properties, required, config, root } = gathered;
  const encoding = isObject(chosen.media.encoding) ? chosen.media.encoding : {};
  const fields: Json[] = [];
  const renamed = new Map<string, string>();
  for (const [name, place] of flat.members) {
    if (writer.isReadOnly(place)) continue;
    const argument = names.take(name, 'body');
    renamed.set(name, argument);
    const file = chosen.as === 'multipart' ? fileOf(place, references) : null;
    properties[argument] =
      file === null ? writer.write(place, 2) : file === 'many' ? { type: 'array', items: FILE } : FILE;
    const field = fieldOf(chosen, name, argument, file !== null, encoding[name], properties[argument]);
    if (field !== null) fields.push(field);
  }
  if (!isOptional) for (const name of flat.required) if (renamed.has(name)) required.push(renamed.get(name)!);
  const isRenamed = [...renamed].some(([name, argument]) => name !== argument);
  if (flat.additional !== null && !isRenamed && chosen.as === 'json') {
    root.additionalProperties = writer.write(flat.additional, 2);
  } else if (flat.additional !== null) gathered.notes.push('members of other names were left out');
  if (!isRenamed && !isOptional) Object.assign(root, flat.beside);
  if (isOptional && flat.required.length > 0) {
    gathered.notes.push('the body may be left out; with it its required members are needed');
  }
  config.body = {
    as: chosen.as,
    ...typeOf(chosen),
    ...(fields.length > 0 && { fields }),
    ...(isOptional && { optional: true }),
  };
}

function fieldOf(
  { as }: Chosen,
  name: string,
  argument: string,
  file: boolean,
  encoding: unknown,
  schema: unknown,
): Json | null {
  const { style, explode, contentType } = isObject(encoding) ? encoding : {};
  const field: Json = { argument, ...(argument !== name && { name }) };
  if (file) field.file = true;
  if (as === 'form') {
    if (typeof style === 'string' && ['form', 'deepObject', 'spaceDelimited', 'pipeDelimited'].includes(style))
      field.style = style;
    if (typeof explode === 'boolean') Object.assign(field, { style: field.style ?? 'form', explode });
    const isObjectSchema = isObject(schema) && schema.type === 'object';
    if (typeof contentType === 'string' && /json/i.test(contentType) && isObjectSchema) field.style = 'json';
  }
  if (as === 'multipart' && typeof contentType === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(contentType))
    field.content_type = contentType;
  return Object.keys(field).length > 1 ? field : null;
}

/** Whether a member is a file, or many. */
function fileOf(place: Place, references: References): 'one' | 'many' | null {
  const resolved = references.follow(place);
  if (!resolved.ok || !isObject(resolved.place.value)) return null;
  const { value, document } = resolved.place;
  if (value.type === 'array')
    return fileOf({ value: (value as Json).items, document }, references) === null ? null : 'many';
  const { format, contentMediaType, contentEncoding } = value as Json;
  return format === 'binary' || (contentMediaType === 'application/octet-stream' && contentEncoding === undefined)
    ? 'one'
    : null;
}

/** Most schemas that a body is put together of: parts that are made of parts may be very many. */
const PARTS_MAX = 1_000;

/** Null where its members are not all listed beside each other. `seen` counts the schemas of one body. */
function flattened(place: Place, references: References, depth = 0, seen = { count: 0 }): Flat | null {
  seen.count += 1;
  const resolved = references.follow(place);
  if (!resolved.ok) throw new NotPossible(resolved.reason);
  const { value, document } = resolved.place;
  if (!isObject(value) || depth > 6 || seen.count > PARTS_MAX) return null;
  const type = Array.isArray(value.type) ? value.type.filter((each) => each !== 'null') : [value.type];
  if (type.length !== 1 || (type[0] !== 'object' && type[0] !== undefined)) return null;
  if (['not', 'if', 'patternProperties', 'dependentSchemas', 'propertyNames'].some((keyword) => keyword in value))
    return null;
  const beside: Json = {};
  for (const keyword of ['anyOf', 'oneOf']) {
    const list = value[keyword];
    if (list === undefined) continue;
    // One of several sets of members is needed: that can be said of the arguments, too.
    if (!Array.isArray(list) || !list.every(saysOnlyRequired)) return null;
    beside[keyword] = list.map((each: Json) => ({ required: uniqueTexts(each.required) }));
  }
  const parts: Flat[] = [];
  for (const each of Array.isArray(value.allOf) ? value.allOf : []) {
    const part = flattened({ value: each, document }, references, depth + 1, seen);
    if (part === null || Object.keys(part.beside).length > 0) return null;
    parts.push(part);
  }
  const hasMembers = isObject(value.properties) || parts.length > 0;
  if (!hasMembers)
    return depth > 0 && 'required' in value
      ? { members: [], required: uniqueTexts(value.required), beside, additional: null }
      : null;
  const own = Object.entries(isObject(value.properties) ? value.properties : {})
    .filter(([name]) => name !== '__proto__')
    .map(([name, each]): [string, Place] => [name, { value: each, document }]);
  const { additionalProperties } = value;
  const isOpen = isObject(additionalProperties) || additionalProperties === true;
  return {
    members: [...new Map([...parts.flatMap(({ members }) => members), ...own])],
    required: [...new Set([...parts.flatMap((part) => part.required), ...uniqueTexts(value.required)])],
    beside,
    additional: isOpen
      ? { value: additionalProperties, document }
      : (parts.find(({ additional }) => additional !== null)?.additional ?? null),
  };
}

function saysOnlyRequired(value: unknown): boolean {
  return (
    isObject(value) &&
    Array.isArray(value.required) &&
    Object.keys(value).every((key) => key === 'required' || (key === 'type' && value.type === 'object'))
  );
}
