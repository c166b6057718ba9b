import { canonicalize } from '../jcs.ts';
import type { JsonValue } from '../strict-json.ts';
import { COST } from './limits.ts';
import type { SchemaObject } from './rules.ts';
import type { Check, Run } from './run.ts';

const SHOWN_LENGTH = 200;

/** The checks of a schema that compare whole values, of any kind. */
export function valueChecks(schema: SchemaObject): Check[] {
  const checks: Check[] = [];
  if (Array.isArray(schema.enum)) checks.push(oneOfValues(schema.enum, 'must be one of'));
  if (Object.hasOwn(schema, 'const')) checks.push(oneOfValues([schema.const as JsonValue], 'must be'));
  return checks;
}

/**
 * Equality is by canonical text, in time linear in the value. Comparing trees member by member would call
 * whatever a payload brings along as `valueOf` or `constructor`.
 */
function oneOfValues(values: readonly JsonValue[], phrase: string): Check {
  const scalars = new Set<JsonValue>(values.filter((value) => !isContainer(value)));
  const texts = new Set(values.filter(isContainer).map((value) => canonicalize(value)));
  // The schema's own values: whoever may call the tool may read them.
  const list = canonicalize(values).slice(1, -1);
  const message =
    values.length === 0
      ? 'is not allowed here: no value is'
      : `${phrase} ${list.length > SHOWN_LENGTH ? `${list.slice(0, SHOWN_LENGTH).toWellFormed()}…` : list}`;
  return (value, run) => {
    const holds = isContainer(value) ? texts.size > 0 && texts.has(textOf(value, run)) : scalars.has(value);
    return holds || run.fail(message);
  };
}

/** Finds the first item that equals an earlier one, in time linear in the items; -1 when all differ. */
export function firstRepeated(items: readonly JsonValue[], run: Run): number {
  const scalars = new Set<JsonValue>();
  const texts = new Set<string>();
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as JsonValue;
    run.spend(COST.uniqueItem);
    if (isContainer(item)) {
      const text = textOf(item, run);
      if (texts.has(text)) return index;
      texts.add(text);
    } else if (scalars.has(item)) return index;
    else scalars.add(item);
  }
  return -1;
}

const isContainer = (value: JsonValue): boolean => typeof value === 'object' && value !== null;

function textOf(value: JsonValue, run: Run): string {
  const text = canonicalize(value);
  run.spend(COST.comparedValue + COST.comparedCharacter * text.length);
  return text;
}
