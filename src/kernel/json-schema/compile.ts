import type { JsonObject, JsonValue } from '../strict-json.ts';
import { arrayChecks, unevaluatedItems } from './arrays.ts';
import { combiningChecks } from './combine.ts';
import type { InspectedSchema } from './inspect.ts';
import { allowedKinds, KIND, kindOf, typeMessage } from './kinds.ts';
import { memberCheck, objectChecks, unevaluatedMembers } from './objects.ts';
import type { Schema, SchemaObject } from './rules.ts';
import { type Check, type Run, Seen } from './run.ts';
import { numberChecks, stringChecks } from './scalars.ts';
import { valueChecks } from './values.ts';

/**
 * Turns an inspected schema into one check. No code is generated from the schema: a keyword becomes a
 * closure, so compiling costs about a microsecond a keyword and needs no `eval`.
 */
export function compileChecks(inspected: InspectedSchema): Check {
  const { targets, patterns, isRecursive } = inspected;
  const compiled = new Map<SchemaObject, Check>();
  const open = new Set<SchemaObject>();

  const compile = (schema: Schema): Check => {
    if (typeof schema === 'boolean') return schema ? anything : nothing;
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    // A reference back to a schema that is being compiled: its check is there by the time it is run.
    if (open.has(schema)) return (value, run, seen) => (compiled.get(schema) as Check)(value, run, seen);
    open.add(schema);
    const check = isRecursive ? bounded(schemaCheck(schema)) : schemaCheck(schema);
    open.delete(schema);
    compiled.set(schema, check);
    return check;
  };

  const schemaCheck = (schema: SchemaObject): Check => {
    const target = targets.get(schema);
    const forAny = [
      ...(target === undefined ? [] : [compile(target)]),
      ...valueChecks(schema),
      ...combiningChecks(schema, compile),
    ];
    const checks: ChecksByKind = {
      numbers: [...numberChecks(schema), ...forAny],
      strings: [...stringChecks(schema, patterns), ...forAny],
      arrays: [...arrayChecks(schema, compile), ...forAny],
      objects: [...objectChecks(schema, compile, patterns), ...forAny],
      others: forAny,
    };
    const check = keywordsCheck(schema, checks);
    return hasUnevaluated(schema) ? unevaluatedCheck(schema, check, compile) : check;
  };

  return compile(inspected.root);
}

/** Where schemas lead back to themselves, how deep they are in each other depends on the value. */
const bounded =
  (check: Check): Check =>
  (value, run, seen) => {
    run.enter();
    const holds = check(value, run, seen);
    run.leave();
    return holds;
  };

const anything: Check = (_value, _run, _seen) => true;
const nothing: Check = (_value, run) => run.fail('is not allowed here');

type ChecksByKind = {
  readonly numbers: readonly Check[];
  readonly strings: readonly Check[];
  readonly arrays: readonly Check[];
  readonly objects: readonly Check[];
  readonly others: readonly Check[];
};

function keywordsCheck(schema: SchemaObject, checks: ChecksByKind): Check {
  const kinds = allowedKinds(schema);
  const message = typeMessage(schema);
  return (value, run, seen) => {
    const kind = kindOf(value);
    const applicable = checksFor(kind, checks);
    run.spend(1 + applicable.length);
    if ((kind & kinds) === 0) return run.fail(message);
    let holds = true;
    for (let index = 0; index < applicable.length; index++) {
      if ((applicable[index] as Check)(value, run, seen)) continue;
      holds = false;
      if (run.settled) return false;
    }
    return holds;
  };
}

function checksFor(kind: number, checks: ChecksByKind): readonly Check[] {
  if (kind === KIND.string) return checks.strings;
  if (kind === KIND.object) return checks.objects;
  if (kind === KIND.array) return checks.arrays;
  return (kind & KIND.number) !== 0 ? checks.numbers : checks.others;
}

const hasUnevaluated = (schema: SchemaObject): boolean =>
  schema.unevaluatedItems !== undefined || schema.unevaluatedProperties !== undefined;

/** Runs the other keywords first, watching what they look at, and then the "unevaluated" ones on the rest. */
function unevaluatedCheck(schema: SchemaObject, check: Check, compile: (schema: Schema) => Check): Check {
  const members = rest(schema.unevaluatedProperties, (inner) => memberCheck(inner, compile));
  const items = rest(schema.unevaluatedItems, compile);
  return (value, run, seen) => {
    const seenHere = new Seen();
    let holds = check(value, run, seenHere);
    if (!holds && run.settled) return false;
    holds = restHolds(members, items, value, run, seenHere) && holds;
    if (holds) seen?.merge(seenHere, run);
    return holds;
  };
}

const rest = (schema: unknown, compile: (schema: Schema) => Check): Check | null =>
  schema === undefined ? null : compile(schema as Schema);

function restHolds(members: Check | null, items: Check | null, value: JsonValue, run: Run, seen: Seen): boolean {
  if (Array.isArray(value)) return items === null || unevaluatedItems(items, value as JsonValue[], run, seen);
  if (typeof value !== 'object' || value === null) return true;
  return members === null || unevaluatedMembers(members, value as JsonObject, run, seen);
}
