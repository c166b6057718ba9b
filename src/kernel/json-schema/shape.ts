import { type InspectedSchema, inspectSchema } from './inspect.ts';
import { isSchemaObject, type Schema, type SchemaObject } from './rules.ts';

/**
 * What kind of value stands where, as far as a schema says so. An `int` is a number that the schema calls an integer. The
 * members of an `object` are the ones that its schema names; a `map` has whatever members there are.
 */
export type Shape =
  | { readonly kind: 'any' | 'null' | 'bool' | 'int' | 'double' | 'string' }
  | { readonly kind: 'list'; readonly items: Shape }
  | { readonly kind: 'map' }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Shape> };

/** How many places of one schema are looked at, and how deep: what is beyond may be anything. */
const SHAPES_MAX = 500;
const DEPTH_MAX = 12;

const ANY: Shape = { kind: 'any' };
const MAP: Shape = { kind: 'map' };

const KINDS: Readonly<Record<string, Shape>> = {
  null: { kind: 'null' },
  boolean: { kind: 'bool' },
  integer: { kind: 'int' },
  number: { kind: 'double' },
  string: { kind: 'string' },
};

/**
 * The shape of the values that fit a tool's schema. Where a schema leaves a choice (several types, `anyOf` without a type),
 * the value may be anything. A schema that {@link inspectSchema} refuses says nothing.
 */
export function shapeOf(schema: unknown): Shape {
  const inspection = inspectSchema(schema);
  return inspection.ok ? shapeOfInspected(inspection.inspected) : ANY;
}

/** {@link shapeOf} of a schema that was inspected already. */
export function shapeOfInspected(inspected: InspectedSchema): Shape {
  return new Shaper(inspected).shape(inspected.root, 0);
}

class Shaper {
  private left = SHAPES_MAX;
  private readonly inspected: InspectedSchema;

  constructor(inspected: InspectedSchema) {
    this.inspected = inspected;
  }

  shape(schema: Schema, depth: number): Shape {
    if (typeof schema === 'boolean' || depth > DEPTH_MAX || this.left-- <= 0) return ANY;
    const all = [...this.together(schema)];
    const type = typeOf(all);
    if (type === 'array') return { kind: 'list', items: this.items(all, depth) };
    if (type === 'object') return this.members(all, depth);
    return KINDS[type ?? ''] ?? ANY;
  }

  /** The schemas that every value has to fit which fits this one. */
  private together(schema: SchemaObject, seen = new Set<SchemaObject>()): Set<SchemaObject> {
    if (seen.has(schema)) return seen;
    seen.add(schema);
    const target = this.inspected.targets.get(schema);
    for (const one of [target, ...listOf(schema.allOf)]) if (isSchemaObject(one)) this.together(one, seen);
    return seen;
  }

  /** The schemas of which some may apply as well. */
  private perhaps(all: readonly SchemaObject[]): SchemaObject[] {
    const found = all.flatMap((schema) => [
      ...listOf(schema.anyOf),
      ...listOf(schema.oneOf),
      ...[schema.if, schema.then, schema.else],
      ...Object.values(isSchemaObject(schema.dependentSchemas) ? schema.dependentSchemas : {}),
    ]);
    return found.filter(isSchemaObject).flatMap((schema) => [...this.together(schema)]);
  }

  private items(all: readonly SchemaObject[], depth: number): Shape {
    if (all.some(({ prefixItems }) => prefixItems !== undefined)) return ANY;
    const items = all.find((schema) => schema.items !== undefined)?.items;
    return items === undefined ? ANY : this.shape(items as Schema, depth + 1);
  }

  private members(all: readonly SchemaObject[], depth: number): Shape {
    if (all.some(isOpen)) return MAP;
    const fields = new Map<string, Shape>();
    for (const schema of [...all, ...this.perhaps(all)]) {
      for (const [name, inner] of Object.entries(isSchemaObject(schema.properties) ? schema.properties : {})) {
        if (!fields.has(name)) fields.set(name, this.shape(inner as Schema, depth + 1));
      }
    }
    return fields.size === 0 ? MAP : { kind: 'object', fields };
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Whether a schema says outright that there are members which it does not name. */
function isOpen({ additionalProperties, unevaluatedProperties, patternProperties }: SchemaObject): boolean {
  const others = [additionalProperties, unevaluatedProperties];
  return others.some((one) => one !== undefined && one !== false) || patternProperties !== undefined;
}

/** The one type that the values have, or undefined. */
function typeOf(all: readonly SchemaObject[]): string | undefined {
  if (all.some(({ nullable }) => nullable === true)) return undefined;
  const types = all
    .filter(({ type }) => type !== undefined)
    .map(({ type }) => (listOf(type).length === 1 ? listOf(type)[0] : type));
  // Where one says integer and another number, the value is both.
  const found = types.includes('integer') ? 'integer' : types.find((type) => typeof type === 'string');
  if (found !== undefined || types.length > 0) return found as string | undefined;
  const values = all.flatMap((schema) => ('const' in schema ? [schema.const] : listOf(schema.enum)));
  const kinds = new Set(values.map((value) => typeof value));
  if (kinds.size !== 1) return undefined;
  return { string: 'string', number: 'number', boolean: 'boolean' }[[...kinds][0] as string];
}
