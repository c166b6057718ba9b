import type { JsonValue } from '../strict-json.ts';
import { allowedKinds, kindOf } from './kinds.ts';
import type { Schema, SchemaObject } from './rules.ts';
import { type Check, type Run, Seen } from './run.ts';

type Compile = (schema: Schema) => Check;
type Branch = { readonly check: Check; readonly kinds: number };

/** The checks of a schema that apply other schemas to the same value. */
export function combiningChecks(schema: SchemaObject, compile: Compile): Check[] {
  const checks: Check[] = [];
  for (const inner of list(schema.allOf)) checks.push(compile(inner));
  if (schema.anyOf !== undefined) checks.push(anyOf(branches(schema.anyOf, compile)));
  if (schema.oneOf !== undefined) checks.push(oneOf(branches(schema.oneOf, compile)));
  if (schema.not !== undefined) checks.push(not(compile(schema.not as Schema)));
  if (schema.if !== undefined) checks.push(conditional(schema, compile));
  return checks;
}

const list = (value: unknown): readonly Schema[] => (value ?? []) as Schema[];

const branches = (value: unknown, compile: Compile): Branch[] =>
  list(value).map((schema) => ({
    check: compile(schema),
    kinds: typeof schema === 'boolean' ? 0 : allowedKinds(schema),
  }));

function anyOf(all: readonly Branch[]): Check {
  return (value, run, seen) => {
    let holds = false;
    for (const { check } of all) {
      holds = attempt(check, value, run, seen) || holds;
      // What the other branches have seen matters only to an "unevaluated" keyword.
      if (holds && seen === null) return true;
    }
    return holds || explain(all, value, run, 'must fit at least one of the schemas in "anyOf"');
  };
}

function oneOf(all: readonly Branch[]): Check {
  return (value, run, seen) => {
    let fitting = 0;
    for (const { check } of all) {
      if (attempt(check, value, run, seen)) fitting++;
      if (fitting > 1) return run.fail('must fit only one of the schemas in "oneOf"');
    }
    return fitting === 1 || explain(all, value, run, 'must fit one of the schemas in "oneOf"');
  };
}

function not(check: Check): Check {
  return (value, run) => !run.quietly(check, value, null) || run.fail('must not fit the schema in "not"');
}

function conditional(schema: SchemaObject, compile: Compile): Check {
  const condition = compile(schema.if as Schema);
  const then = compile((schema.then ?? true) as Schema);
  const otherwise = compile((schema.else ?? true) as Schema);
  return (value, run, seen) => {
    const branch = attempt(condition, value, run, seen) ? then : otherwise;
    return branch(value, run, seen);
  };
}

/** Tries a schema; what it has seen counts only when the value fits. */
function attempt(check: Check, value: JsonValue, run: Run, seen: Seen | null): boolean {
  if (seen === null) return run.quietly(check, value, null);
  const seenHere = new Seen();
  const holds = run.quietly(check, value, seenHere);
  if (holds) seen.merge(seenHere, run);
  return holds;
}

/**
 * Reports why no branch fits. When only one branch is for values of this kind, as in "a string or null", its
 * own errors say more than the union does.
 */
function explain(all: readonly Branch[], value: JsonValue, run: Run, message: string): false {
  if (run.reporting) {
    const kind = kindOf(value);
    const fitting = all.filter(({ kinds }) => (kinds & kind) !== 0);
    const only = fitting[0];
    if (fitting.length === 1 && only !== undefined && !only.check(value, run, null)) return false;
  }
  return run.fail(message);
}
