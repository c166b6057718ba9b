/** A schema or subschema: an object of keywords, or true (anything) or false (nothing). */
export type Schema = boolean | SchemaObject;
export type SchemaObject = { readonly [keyword: string]: unknown };

/**
 * The form of a keyword's value. `schema…` forms hold subschemas; `patterns` is a map from patterns to
 * subschemas; `refused` keywords have a reason of their own in {@link REFUSED}.
 */
export type Form =
  | 'any'
  | 'boolean'
  | 'count'
  | 'enum'
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
  ['$schema', 'text'],
  ['$comment', 'text'],
  ['$ref', 'ref'],
  ['$defs', 'schemaMap'],
  ['definitions', 'schemaMap'],
  // Annotations: kept, never enforced.
  ['title', 'text'],
  ['description', 'text'],
  ['default', 'any'],
  ['examples', 'any'],
  ['deprecated', 'boolean'],
  ['readOnly', 'boolean'],
  ['writeOnly', 'boolean'],
  ['format', 'text'],
  ['contentEncoding', 'text'],
  ['contentMediaType', 'text'],
  ['contentSchema', 'any'],
  ['x-countersign', 'role'],
  // Assertions.
  ['type', 'type'],
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

/** Keywords that are known and not accepted, with the reason that is given. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ['$id', 'base URIs are not supported: use "$defs" and local references'],
  ['$anchor', 'anchors are not supported: use a reference such as "#/$defs/name"'],
  ['$dynamicRef', 'dynamic references are not supported'],
  ['$dynamicAnchor', 'dynamic references are not supported'],
  ['$recursiveRef', 'dynamic references are not supported'],
  ['$recursiveAnchor', 'dynamic references are not supported'],
  ['$vocabulary', 'vocabularies are not supported'],
  ['additionalItems', 'not part of JSON Schema 2020-12: use "prefixItems" and "items"'],
  ['dependencies', 'not part of JSON Schema 2020-12: use "dependentRequired" or "dependentSchemas"'],
  ['nullable', 'not part of JSON Schema: add "null" to "type"'],
]);

/** What a marked argument means to a person who approves the call. */
export const ROLES = ['recipient', 'amount', 'currency', 'subject'] as const;
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

/** Whether a keyword only holds schemas for others to refer to. */
export const isDefinitions = (keyword: string): boolean => keyword === '$defs' || keyword === 'definitions';
