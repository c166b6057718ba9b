import type { Environment } from '@marcbachmann/cel-js';
import type { Shape } from '../../kernel/json-schema/shape.ts';
import type { JsonObject, JsonValue } from '../../kernel/strict-json.ts';
import { BASE, MEMBERS } from './vocabulary.ts';

/** The shapes of a tool's arguments as types of CEL: an integer is an `int`, a number a `double`, an object has its members. */
export type ArgumentTypes = {
  readonly environment: Environment;
  /** The members of a type by its name, each with its type, for those that have a fixed set. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The arguments as conditions see them: these members, or all. */
  readonly view: (args: JsonObject, names: readonly string[] | 'all') => unknown;
};

type Members = Record<string, unknown>;
type Convert = (value: JsonValue) => unknown;
/** A type in the library's words, and what makes a value of it where that is something else than what JSON has. */
type CelType = { readonly name: string; readonly convert?: Convert };

const KINDS = {
  any: { name: 'dyn' },
  null: { name: 'null' },
  bool: { name: 'bool' },
  double: { name: 'double' },
  string: { name: 'string' },
  map: { name: 'map<string, dyn>' },
  // What is no whole number stays what it is, and is refused as one when it is read.
  int: { name: 'int', convert: (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value) },
} as const satisfies Record<string, CelType>;

/** The library knows values by their constructors, and types by names that it never forgets: so both are used again. */
const constructors: (new () => Members)[] = [];

function constructorOf(index: number): new () => Members {
  constructors[index] ??= class {} as new () => Members;
  return constructors[index];
}

/** An environment takes up some 50 kB: the rules of all grants of a tool share it, for as long as its schema is known. */
const made = new WeakMap<Shape, ArgumentTypes>();

/** The environment for conditions over arguments of this shape. */
export function typesFor(shape: Shape): ArgumentTypes {
  let types = made.get(shape);
  if (types === undefined) {
    types = typesOf(shape);
    made.set(shape, types);
  }
  return types;
}

function typesOf(shape: Shape): ArgumentTypes {
  const environment = BASE.clone();
  const members = new Map<string, ReadonlyMap<string, string>>(
    Object.entries(MEMBERS).map(([name, fields]) => [name, new Map<string, string>(Object.entries(fields))]),
  );
  let objects = 0;

  function typeOf(shape: Shape): CelType {
    if (shape.kind === 'list') {
      const { name, convert } = typeOf(shape.items);
      const each: Convert = (value) => (Array.isArray(value) ? value.map((item) => convert!(item)) : value);
      return { name: `list<${name}>`, ...(convert && { convert: each }) };
    }
    return shape.kind === 'object' ? objectOf(shape.fields).type : KINDS[shape.kind];
  }

  function objectOf(shapes: ReadonlyMap<string, Shape>) {
    const name = `object${objects}`;
    const ctor = constructorOf(objects);
    objects += 1;
    const fields = new Map([...shapes].map(([field, inner]) => [field, typeOf(inner)]));
    const named = new Map([...fields].map(([field, type]) => [field, type.name]));
    members.set(name, named);
    environment.registerType(name, { ctor, fields: Object.fromEntries(named) });
    const make = (value: JsonObject, names: Iterable<string>): Members => {
      const object = new ctor();
      for (const field of names) {
        if (!Object.hasOwn(value, field)) continue;
        const { convert } = fields.get(field)!;
        const inner = value[field] as JsonValue;
        object[field] = convert === undefined ? inner : convert(inner);
      }
      return object;
    };
    const convert: Convert = (value) => (isObject(value) ? make(value, fields.keys()) : value);
    return { type: { name, convert }, make, names: [...fields.keys()] };
  }

  if (shape.kind !== 'object') {
    environment.registerVariable('args', KINDS.map.name);
    return { environment, members, view: (args) => args };
  }
  const { type, make, names: all } = objectOf(shape.fields);
  environment.registerVariable('args', type.name);
  return { environment, members, view: (args, names) => make(args, names === 'all' ? all : names) };
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
