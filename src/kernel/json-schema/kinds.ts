import type { JsonValue } from '../strict-json.ts';
import type { SchemaObject } from './rules.ts';

/** The kinds of JSON values as bits; an integer is a number too. */
export const KIND = { null: 1, boolean: 2, number: 4, string: 8, array: 16, object: 32, integer: 64 } as const;

const ANY_KIND = 127;

export function kindOf(value: JsonValue): number {
  switch (typeof value) {
    case 'string':
      return KIND.string;
    case 'number':
      return Number.isInteger(value) ? KIND.number | KIND.integer : KIND.number;
    case 'boolean':
      return KIND.boolean;
    default:
      if (value === null) return KIND.null;
      return Array.isArray(value) ? KIND.array : KIND.object;
  }
}

/** The kinds that `type` (and beside it `nullable`) allows; all of them where there is no `type`. */
export function allowedKinds(schema: SchemaObject): number {
  if (schema.type === undefined) return ANY_KIND;
  return typesOf(schema).reduce((kinds, name) => kinds | KIND[name], 0);
}

/** What to say about a value of another type. */
export function typeMessage(schema: SchemaObject): string {
  const names = typesOf(schema).map((name) => PHRASES[name]);
  return `must be ${names.join(' or ')}`;
}

function typesOf({ type, nullable }: SchemaObject): (keyof typeof KIND)[] {
  const types = (Array.isArray(type) ? type : [type]) as (keyof typeof KIND)[];
  return nullable === true && !types.includes('null') ? [...types, 'null'] : types;
}

const PHRASES: Record<keyof typeof KIND, string> = {
  null: 'null',
  boolean: 'true or false',
  number: 'a number',
  integer: 'an integer',
  string: 'a string',
  array: 'an array',
  object: 'an object',
};
