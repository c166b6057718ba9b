import { compilePattern } from '../../kernel/json-schema/linear-pattern.ts';
import { isObject, type Json } from './parse.ts';
import type { Place, References } from './references.ts';

type Schema = Json | boolean;

/** How much of a schema is kept: a tool's own is bounded. */
export type Detail = { readonly depth: number; readonly patterns: boolean; readonly texts: number };

/** From everything to hardly anything; the first that a tool's bounds let through is used. */
export const DETAILS: readonly Detail[] = [
  { depth: 24, patterns: true, texts: 1000 },
  { depth: 10, patterns: false, texts: 200 },
  { depth: 6, patterns: false, texts: 80 },
  { depth: 4, patterns: false, texts: 0 },
  { depth: 3, patterns: false, texts: 0 },
  { depth: 2, patterns: false, texts: 0 },
];

const NODES_MAX = 1_900;
const VALUES = new Set(['enum', 'const', 'default']);
const NUMBERS = new Set([
  'multipleOf',
  'maximum',
  'minimum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'maxItems',
  'minItems',
  'maxProperties',
  'minProperties',
  'maxContains',
  'minContains',
]);
const TYPES = new Set(['null', 'boolean', 'number', 'string', 'array', 'object', 'integer']);

/**
 * Rewrites the schemas of a document as those of a tool's arguments: references are followed, those that lead back are
 * cut, and what only describes answers is left out.
 */
export class SchemaWriter {
  readonly notes = new Set<string>();
  readonly #references: References;
  readonly #detail: Detail;
  #nodes = 0;

  constructor(references: References, detail: Detail) {
    this.#references = references;
    this.#detail = detail;
  }

  /** Throws {@link Unresolved} where a reference leads nowhere. */
  write(place: Place, depth = 1, inside: readonly string[] = []): Schema {
    const { value, document } = place;
    if (typeof value === 'boolean') return value;
    if (!isObject(value)) return true;
    this.#nodes += 1;
    if ('$ref' in value) {
      const resolved = this.#references.resolve(value.$ref, document);
      if (!resolved.ok) throw new Unresolved(resolved.reason);
      const name = resolved.id.slice(resolved.id.lastIndexOf('/') + 1);
      if (inside.includes(resolved.id)) {
        this.notes.add(`cut where ${name} holds itself`);
        return { description: `Any value: ${name} again.` };
      }
      const { $ref: _, ...beside } = value;
      const written = this.write(resolved.place, depth, [...inside, resolved.id]);
      if (Object.keys(beside).length === 0 || !isObject(written)) return written;
      return { ...written, ...this.#annotations(beside) };
    }
    if (depth > this.#detail.depth || this.#nodes > NODES_MAX) {
      this.notes.add(`cut where it is deeper than ${this.#detail.depth} levels or too large`);
      return { ...typeOf(value), ...this.#annotations(value) };
    }
    return this.#members(value, document, depth, inside);
  }

  #members(schema: Json, document: string, depth: number, inside: readonly string[]): Json {
    const deeper = (value: unknown): Schema => this.write({ value, document }, depth + 1, inside);
    const written: Json = { ...typeOf(schema), ...this.#annotations(schema) };
    if (schema.nullable === true && !Array.isArray(written.type) && typeof written.type === 'string') {
      written.type = [written.type, 'null'];
    }
    for (const [keyword, value] of Object.entries(schema)) {
      if (NUMBERS.has(keyword)) {
        if (typeof value === 'number' && Number.isFinite(value)) written[keyword] = value;
        // OpenAPI 3.0 and Swagger: "exclusiveMaximum" says whether "maximum" is one.
        else if (value === true && keyword.startsWith('exclusive')) {
          const bound = keyword === 'exclusiveMaximum' ? 'maximum' : 'minimum';
          if (typeof schema[bound] === 'number') written[keyword] = schema[bound];
        }
      } else if (VALUES.has(keyword)) this.#value(written, keyword, value);
      else if (keyword === 'format' && typeof value === 'string') written.format = value;
      else if (keyword === 'pattern' && typeof value === 'string') this.#pattern(written, value);
      else if (keyword === 'uniqueItems' && typeof value === 'boolean') written.uniqueItems = value;
      else if (keyword === 'contentEncoding' && typeof value === 'string') written.contentEncoding = value;
      else if (keyword === 'allOf' || keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'prefixItems') {
        if (Array.isArray(value) && value.length > 0) written[keyword] = value.map(deeper);
      } else if (
        keyword === 'not' ||
        keyword === 'additionalProperties' ||
        keyword === 'propertyNames' ||
        keyword === 'items'
      ) {
        if (isObject(value) || typeof value === 'boolean') written[keyword] = deeper(value);
      }
    }
    if (isObject(schema.properties)) this.#properties(written, schema, deeper, document);
    else if (Array.isArray(schema.required)) written.required = uniqueTexts(schema.required);
    return written;
  }

  #properties(written: Json, schema: Json, deeper: (value: unknown) => Schema, document: string): void {
    const entries = Object.entries(schema.properties as Json).filter(
      ([name, value]) => name !== '__proto__' && !this.isReadOnly({ value, document }),
    );
    written.properties = Object.fromEntries(entries.map(([name, value]) => [name, deeper(value)]));
    const dropped = new Set(Object.keys(schema.properties as Json));
    for (const [name] of entries) dropped.delete(name);
    const required = uniqueTexts(schema.required).filter((name) => !dropped.has(name));
    if (required.length > 0) written.required = required;
  }

  /** Whether a property is the upstream's to say. */
  isReadOnly(place: Place): boolean {
    const resolved = this.#references.follow(place);
    const here = isObject(place.value) && place.value.readOnly === true;
    return here || (resolved.ok && isObject(resolved.place.value) && resolved.place.value.readOnly === true);
  }

  #annotations({ title, description }: Json): Json {
    const { texts } = this.#detail;
    if (texts === 0) return {};
    const said = typeof description === 'string' && description.trim() !== '' ? description : title;
    return typeof said === 'string' && said.trim() !== '' ? { description: plain(said, texts) } : {};
  }

  #value(written: Json, keyword: string, value: unknown): void {
    if (keyword !== 'enum') {
      // A default that fits nothing, or is a page long, helps nobody.
      if (keyword === 'const' || (JSON.stringify(value) ?? '').length <= 500) written[keyword] = value;
      return;
    }
    if (!Array.isArray(value) || value.length === 0) return;
    const seen = new Map(value.map((item) => [JSON.stringify(item), item]));
    written.enum = [...seen.values()];
  }

  #pattern(written: Json, source: string): void {
    if (!this.#detail.patterns) return;
    const compiled = compilePattern(source);
    if (compiled.ok && source.length <= 500) written.pattern = source;
    else this.notes.add('a pattern was left out that cannot be checked in linear time');
  }
}

/** A reference that leads nowhere. */
export class Unresolved extends Error {}

function typeOf({ type }: Json): Json {
  if (typeof type === 'string') return TYPES.has(type) ? { type } : {};
  if (!Array.isArray(type)) return {};
  const types = [...new Set(type.filter((each) => TYPES.has(each as string)))];
  return types.length === 0 ? {} : { type: types };
}

export function uniqueTexts(value: unknown): string[] {
  return Array.isArray(value) ? [...new Set(value.filter((item): item is string => typeof item === 'string'))] : [];
}

/** Text that people may be shown: without control characters and what turns its direction, and not too long. */
export function plain(text: string, maxLength: number): string {
  const clean = text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|(?![\n\t])\p{Cc}/gu, '')
    .toWellFormed()
    .trim();
  return clean.length <= maxLength
    ? clean
    : `${clean
        .slice(0, maxLength - 1)
        .toWellFormed()
        .trimEnd()}…`;
}
