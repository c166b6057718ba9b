import type { JsonValue } from '../strict-json.ts';
import type { Schema, SchemaObject } from './rules.ts';
import type { Check, Run, Seen } from './run.ts';
import { firstRepeated } from './values.ts';

type Compile = (schema: Schema) => Check;
type Items = readonly JsonValue[];

/** The checks of a schema that apply to arrays, `unevaluatedItems` apart. */
export function arrayChecks(schema: SchemaObject, compile: Compile): Check[] {
  const { minItems: min, maxItems: max } = schema;
  const checks: Check[] = [];
  // The bounds come first: they are what keeps the other checks short.
  if (typeof max === 'number') {
    checks.push((value, run) => (value as Items).length <= max || run.fail(`must have at most ${items(max)}`));
  }
  if (typeof min === 'number') {
    checks.push((value, run) => (value as Items).length >= min || run.fail(`must have at least ${items(min)}`));
  }
  if (schema.prefixItems !== undefined || schema.items !== undefined) checks.push(itemsCheck(schema, compile));
  if (schema.contains !== undefined) checks.push(containsCheck(schema, compile));
  if (schema.uniqueItems === true) {
    checks.push((value, run) => {
      const repeated = firstRepeated(value as Items, run);
      return repeated === -1 || run.fail(`must not repeat items, and item ${repeated} does`);
    });
  }
  return checks;
}

function itemsCheck(schema: SchemaObject, compile: Compile): Check {
  const prefix = ((schema.prefixItems ?? []) as Schema[]).map(compile);
  const rest = schema.items === undefined ? null : compile(schema.items as Schema);
  return (value, run, seen) => {
    const list = value as Items;
    const count = rest === null ? Math.min(prefix.length, list.length) : list.length;
    let holds = true;
    for (let index = 0; index < count; index++) {
      const check = prefix[index] ?? (rest as Check);
      if (run.at(index, check, list[index] as JsonValue)) continue;
      holds = false;
      if (run.settled) return false;
    }
    seen?.addItemsBelow(count);
    return holds;
  };
}

function containsCheck(schema: SchemaObject, compile: Compile): Check {
  const check = compile(schema.contains as Schema);
  const min = (schema.minContains ?? 1) as number;
  const max = (schema.maxContains ?? Number.POSITIVE_INFINITY) as number;
  return (value, run, seen) => {
    const found = countMatching(value as Items, check, max, run, seen);
    if (found < min) return run.fail(`must contain at least ${items(min)} that fit`);
    return found <= max || run.fail(`must contain at most ${items(max)} that fit`);
  };
}

/** Counts the items that fit; without `seen` it stops at the first one too many. */
function countMatching(list: Items, check: Check, max: number, run: Run, seen: Seen | null): number {
  let found = 0;
  for (let index = 0; index < list.length; index++) {
    if (!run.quietly(check, list[index] as JsonValue, null)) continue;
    found++;
    seen?.addItem(index);
    if (seen === null && found > max) break;
  }
  return found;
}

/** `unevaluatedItems`: what no other keyword of the schema has looked at. */
export function unevaluatedItems(check: Check, value: Items, run: Run, seen: Seen): boolean {
  let holds = true;
  run.spend(value.length);
  for (let index = 0; index < value.length; index++) {
    if (seen.hasItem(index) || run.at(index, check, value[index] as JsonValue)) continue;
    holds = false;
    if (run.settled) return false;
  }
  seen.addItemsBelow(value.length);
  return holds;
}

const items = (count: number): string => (count === 1 ? '1 item' : `${count} items`);
