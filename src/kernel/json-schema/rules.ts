/** A schema or subschema: an object of keywords, or true (anything) or false (nothing). */
export type Schema = boolean | SchemaObject;
export type SchemaObject = { readonly [keyword: string]: unknown };

/**
 * The form of a keyword's value. `schema…` forms hold subschemas; `patterns` is a map from patterns to
 * subschemas; `refused` keywords have a reason of their own in {@link REFUSED}.
 */
export type Form =
  | 'amount'
  | 'anchor'
  | 'any'
  | 'boolean'
  | 'count'
  | 'dialect'
  | 'enum'
  | 'id'
  | 'number'
  | 'pattern'
  | 'patterns'
  | 'positive'
  | 'ref'
  | 'role'
  | 'schema'
  | 'schemaList'
  | 'schemaMap'
  | 'text'
  | 'textList'
  | 'textListMap'
  | 'type';

/** Every keyword a schema may use (JSON Schema 2020-12), and the form of its value. */
export const KEYWORDS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['$schema', 'dialect'],
  ['$id', 'id'],
  ['$anchor', 'anchor'],
  ['$comment', 'text'],
  ['$ref', 'ref'],
  ['$defs', 'schemaMap'],
  ['definitions', 'schemaMap'],
  // Annotations: kept, never enforced.
  ['title', 'text'],
  ['description', 'text'],
  ['default', 'any'],
  ['examples', 'any'],
  ['example', 'any'],
  ['deprecated', 'boolean'],
  ['readOnly', 'boolean'],
  ['writeOnly', 'boolean'],
  ['contentEncoding', 'text'],
  ['contentMediaType', 'text'],
  ['contentSchema', 'any'],
  ['x-countersign', 'role'],
  ['x-countersign-amount', 'amount'],
  // Assertions.
  ['type', 'type'],
  // OpenAPI 3.0: beside "type", null is allowed, too.
  ['nullable', 'boolean'],
  ['format', 'text'],
  ['enum', 'enum'],
  ['const', 'any'],
  ['multipleOf', 'positive'],
  ['maximum', 'number'],
  ['exclusiveMaximum', 'number'],
  ['minimum', 'number'],
  ['exclusiveMinimum', 'number'],
  ['maxLength', 'count'],
  ['minLength', 'count'],
  ['pattern', 'pattern'],
  ['maxItems', 'count'],
  ['minItems', 'count'],
  ['uniqueItems', 'boolean'],
  ['maxContains', 'count'],
  ['minContains', 'count'],
  ['maxProperties', 'count'],
  ['minProperties', 'count'],
  ['required', 'textList'],
  ['dependentRequired', 'textListMap'],
  // Applicators.
  ['allOf', 'schemaList'],
  ['anyOf', 'schemaList'],
  ['oneOf', 'schemaList'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['dependentSchemas', 'schemaMap'],
  ['prefixItems', 'schemaList'],
  ['items', 'schema'],
  ['contains', 'schema'],
  ['unevaluatedItems', 'schema'],
  ['properties', 'schemaMap'],
  ['patternProperties', 'patterns'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['unevaluatedProperties', 'schema'],
]);

/** Keywords that are known and not accepted, because to ignore them would allow more than their author meant. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ['$dynamicRef', 'dynamic references are not supported'],
  ['$dynamicAnchor', 'dynamic references are not supported'],
  ['$recursiveRef', 'dynamic references are not supported'],
  ['$recursiveAnchor', 'dynamic references are not supported'],
  ['$vocabulary', 'vocabularies are not supported'],
  ['additionalItems', 'not part of JSON Schema 2020-12: use "prefixItems" and "items"'],
  ['dependencies', 'not part of JSON Schema 2020-12: use "dependentRequired" or "dependentSchemas"'],
]);

/** The dialects whose schemas are read, all of them as 2020-12: where that differs, the form of a keyword is refused. */
export const DIALECT = /^https?:\/\/json-schema\.org\/(?:draft\/(?:2020-12|2019-09)|draft-0[4-7])\/schema#?$/;
export const OWN_DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** What a marked argument means to a person who approves the call. */
export const ROLES = ['recipient', 'amount', 'currency', 'subject', 'sensitive'] as const;
export type Role = (typeof ROLES)[number];

export const TYPES = ['null', 'boolean', 'number', 'string', 'array', 'object', 'integer'] as const;

export const isSchemaObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One subschema and the steps that lead to it from its parent. */
export type Subschema = { readonly keyword: string; readonly key: string | number | null; readonly schema: Schema };

/** The subschemas directly inside a schema of correct form, `$defs` included. */
export function subschemas(schema: Schema): Subschema[] {
  if (typeof schema === 'boolean') return [];
  const found: Subschema[] = [];
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    switch (KEYWORDS.get(keyword)) {
      case 'schema':
        found.push({ keyword, key: null, schema: value as Schema });
        break;
      case 'schemaList':
        for (const [key, item] of (value as Schema[]).entries()) found.push({ keyword, key, schema: item });
        break;
      case 'schemaMap':
      case 'patterns':
        for (const [key, item] of Object.entries(value as Record<string, Schema>)) {
          found.push({ keyword, key, schema: item });
        }
        break;
      default:
    }
  }
  return found;
}

const IN_PLACE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas']);

/** Whether the subschemas of a keyword apply to the same value, and not to a part of it. */
export const isInPlace = (keyword: string): boolean => IN_PLACE.has(keyword);

/** Whether a keyword only holds schemas for others to refer to. */
export const isDefinitions = (keyword: string): boolean => keyword === '$defs' || keyword === 'definitions';
