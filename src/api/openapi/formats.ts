import { z } from 'zod';
import { idPattern } from '../../kernel/ids.ts';

export type Json = Record<string, unknown>;

/** Members that have one form wherever they stand. What follows from a name alone is said only where nothing else is. */
const FORMS: readonly (readonly [RegExp, Json])[] = [
  [/^id$/, { pattern: idPattern('[a-z]{3,4}') }],
  [
    /^(?:client|token|user|tool|connector|grant|approval|execution|owner_user|approver_user)_id$/,
    { pattern: idPattern('[a-z]{3,4}') },
  ],
  [/^(?:flipped_by|lifted_by|created_by|updated_by|owner_user_id)$/, { pattern: idPattern('usr') }],
  [/^request_id$/, { pattern: idPattern('req') }],
  [/_sha256$/, { pattern: '^[0-9a-f]{64}$' }],
  [/^email$/, { format: 'email' }],
  [/_at$/, { format: 'date-time' }],
];

/** The JSON Schema of what a route takes or answers, with the forms of ids, hashes, addresses and times. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'input'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return withForms(rest) as Json;
}

function withForms(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withForms);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { pattern, ...rest } = schema as Json;
  // zod's pattern of a time has 400 characters, and says no more than the format.
  const given = rest.format === 'date-time' || pattern === undefined ? rest : { ...rest, pattern };
  const members = Object.entries(given).map(([name, value]): [string, unknown] => [
    name,
    name === 'properties' ? withFormsByName(value as Json) : withForms(value),
  ]);
  return Object.fromEntries(members);
}

function withFormsByName(properties: Json): Json {
  const named = Object.entries(properties).map(([name, schema]): [string, unknown] => {
    const form = FORMS.find(([names]) => names.test(name))?.[1];
    return [name, form === undefined ? withForms(schema) : formed(schema as Json, form)];
  });
  return Object.fromEntries(named);
}

function formed(schema: Json, form: Json): Json {
  const { type, format, pattern, anyOf } = schema;
  const isText = type === 'string' || (Array.isArray(type) && type.includes('string'));
  if (isText && format === undefined && pattern === undefined && schema.enum === undefined) {
    return { ...schema, ...form };
  }
  return Array.isArray(anyOf)
    ? { ...schema, anyOf: anyOf.map((one) => formed(one as Json, form)) }
    : (withForms(schema) as Json);
}
