import type { JsonObject, JsonValue } from '../strict-json.ts';
import { COST } from './limits.ts';
import type { LinearPattern } from './linear-pattern.ts';
import type { Schema, SchemaObject } from './rules.ts';
import type { Check, Run, Seen } from './run.ts';

type Compile = (schema: Schema) => Check;
type Patterns = ReadonlyMap<string, LinearPattern>;

/** The checks of a schema that apply to objects, `unevaluatedProperties` apart. Only own members count. */
export function objectChecks(schema: SchemaObject, compile: Compile, patterns: Patterns): Check[] {
  const { minProperties: min, maxProperties: max, required, propertyNames } = schema;
  const checks: Check[] = [];
  if (typeof max === 'number') {
    checks.push((value, run) => countMembers(value, run) <= max || run.fail(`must have at most ${members(max)}`));
  }
  if (typeof min === 'number') {
    checks.push((value, run) => countMembers(value, run) >= min || run.fail(`must have at least ${members(min)}`));
  }
  if (required !== undefined) checks.push(requiredCheck(required as string[], ''));
  for (const [key, names] of entries<string[]>(schema.dependentRequired)) {
    checks.push(whenPresent(key, requiredCheck(names, ` because ${JSON.stringify(key)} is there`)));
  }
  for (const [key, inner] of entries<Schema>(schema.dependentSchemas)) checks.push(whenPresent(key, compile(inner)));
  if (propertyNames !== undefined) checks.push(namesCheck(compile(propertyNames as Schema)));
  if (['properties', 'patternProperties', 'additionalProperties'].some((keyword) => Object.hasOwn(schema, keyword))) {
    checks.push(membersCheck(schema, compile, patterns));
  }
  return checks;
}

function requiredCheck(names: readonly string[], because: string): Check {
  return (value, run) => {
    run.spend(names.length);
    let holds = true;
    for (const name of names) {
      if (Object.hasOwn(value as JsonObject, name)) continue;
      holds = run.fail(`must have the property ${JSON.stringify(name)}${because}`);
      if (run.settled) return false;
    }
    return holds;
  };
}

function whenPresent(key: string, check: Check): Check {
  return (value, run, seen) => !Object.hasOwn(value as JsonObject, key) || check(value, run, seen);
}

function namesCheck(check: Check): Check {
  return (value, run) => {
    let holds = true;
    for (const key of Object.keys(value as JsonObject)) {
      run.spend(COST.member);
      if (run.quietly(check, key, null)) continue;
      holds = run.at(key, nameNotAllowed, null);
      if (run.settled) return false;
    }
    return holds;
  };
}

function membersCheck(schema: SchemaObject, compile: Compile, patterns: Patterns): Check {
  const named = new Map(entries<Schema>(schema.properties).map(([key, inner]) => [key, compile(inner)]));
  const matching = entries<Schema>(schema.patternProperties).map(
    ([source, inner]) => [patterns.get(source) as LinearPattern, compile(inner)] as const,
  );
  const { additionalProperties } = schema;
  const others = additionalProperties === undefined ? null : memberCheck(additionalProperties as Schema, compile);

  /** Runs every check that is for this member; null when none is. */
  const checkMember = (key: string, value: JsonValue, run: Run): boolean | null => {
    const own = named.get(key);
    let holds = own === undefined ? null : run.at(key, own, value);
    for (const [pattern, check] of matching) {
      if (run.matches(pattern, key)) holds = run.at(key, check, value) && holds !== false;
    }
    if (holds === null && others !== null) holds = run.at(key, others, value);
    return holds;
  };

  return (value, run, seen) => {
    let holds = true;
    for (const key of Object.keys(value as JsonObject)) {
      run.spend(COST.member);
      const verdict = checkMember(key, (value as JsonObject)[key] as JsonValue, run);
      if (verdict !== null) seen?.addMember(key);
      if (verdict !== false) continue;
      holds = false;
      if (run.settled) return false;
    }
    return holds;
  };
}

/** The check of a member that no other keyword knows; `false` deserves a telling message. */
export function memberCheck(schema: Schema, compile: Compile): Check {
  return schema === false ? unknownMember : compile(schema);
}

const unknownMember: Check = (_value, run) => run.fail('is not a property this tool takes');
const nameNotAllowed: Check = (_value, run) => run.fail('is not an allowed property name');

/** `unevaluatedProperties`: what no other keyword of the schema has looked at. */
export function unevaluatedMembers(check: Check, value: JsonObject, run: Run, seen: Seen): boolean {
  let holds = true;
  for (const key of Object.keys(value)) {
    run.spend(COST.member);
    if (seen.hasMember(key) || run.at(key, check, value[key] as JsonValue)) continue;
    holds = false;
    if (run.settled) return false;
  }
  seen.addEveryMember();
  return holds;
}

const entries = <T>(map: unknown): [string, T][] => Object.entries((map ?? {}) as Record<string, T>);

function countMembers(value: JsonValue, run: Run): number {
  const count = Object.keys(value as JsonObject).length;
  run.spend(COST.member * count);
  return count;
}

const members = (count: number): string => (count === 1 ? '1 property' : `${count} properties`);
