import { bothIntegers, isMultipleOf } from './decimal.ts';
import { FORMATS } from './formats/formats.ts';
import { COST } from './limits.ts';
import type { LinearPattern } from './linear-pattern.ts';
import type { SchemaObject } from './rules.ts';
import type { Check } from './run.ts';

type NumberTest = readonly [keyword: string, holds: (value: number, bound: number) => boolean, message: string];

const NUMBER_TESTS: readonly NumberTest[] = [
  ['minimum', (value, bound) => value >= bound, 'must be at least'],
  ['maximum', (value, bound) => value <= bound, 'must be at most'],
  ['exclusiveMinimum', (value, bound) => value > bound, 'must be more than'],
  ['exclusiveMaximum', (value, bound) => value < bound, 'must be less than'],
  ['multipleOf', isMultipleOf, 'must be a multiple of'],
];

/** The checks of a schema that apply to numbers. */
export function numberChecks(schema: SchemaObject): Check[] {
  const checks: Check[] = [];
  for (const [keyword, holds, message] of NUMBER_TESTS) {
    const bound = schema[keyword];
    if (typeof bound !== 'number') continue;
    const text = `${message} ${bound}`;
    checks.push((value, run) => {
      if (keyword === 'multipleOf' && !bothIntegers(value as number, bound)) run.spend(COST.decimalDivision);
      return holds(value as number, bound) || run.fail(text);
    });
  }
  return checks;
}

/** The checks of a schema that apply to strings. Lengths are in code points, as JSON Schema counts them. */
export function stringChecks(schema: SchemaObject, patterns: ReadonlyMap<string, LinearPattern>): Check[] {
  const { minLength: min, maxLength: max, pattern: source } = schema;
  const format = FORMATS.get(schema.format as string);
  const checks: Check[] = [];
  if (typeof min === 'number') {
    const text = `must be at least ${characters(min)} long`;
    checks.push((value, run) => {
      run.spend((value as string).length / COST.charactersCounted);
      return codePointsAtLeast(value as string, min) || run.fail(text);
    });
  }
  if (typeof max === 'number') {
    const text = `must be at most ${characters(max)} long`;
    checks.push((value, run) => {
      run.spend((value as string).length / COST.charactersCounted);
      return !codePointsAtLeast(value as string, max + 1) || run.fail(text);
    });
  }
  const pattern = typeof source === 'string' ? patterns.get(source) : undefined;
  if (pattern !== undefined) {
    const text = `must match the pattern ${source}`;
    checks.push((value, run) => run.matches(pattern, value as string) || run.fail(text));
  }
  if (format !== undefined) {
    const text = `must be ${format.name}`;
    checks.push((value, run) => run.has(format, value as string) || run.fail(text));
  }
  return checks;
}

const characters = (count: number): string => (count === 1 ? '1 character' : `${count} characters`);

function codePointsAtLeast(text: string, count: number): boolean {
  // A code point is one or two units, so most lengths are decided without looking.
  if (text.length < count) return false;
  if (text.length >= 2 * count) return true;
  let units = 0;
  for (let seen = 0; seen < count; seen++) {
    if (units >= text.length) return false;
    units += (text.codePointAt(units) as number) > 0xffff ? 2 : 1;
  }
  return true;
}
