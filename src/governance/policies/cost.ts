import type { JsonValue } from '../../kernel/strict-json.ts';
import { callOf, inside, type Node, rootOf } from './ast.ts';
import { patternSize } from './values.ts';
import { LOOPS, METHODS } from './vocabulary.ts';

/**
 * What evaluating a condition takes, known before it is evaluated: so that arguments which would keep the process busy
 * are not begun with. Counted in units of about 10 ns, from the condition's form and from how much there is in the
 * arguments that it looks at.
 */

/** What the rules of one grant may take for one call: about 50 ms. */
export const COST_MAX = 5_000_000;

/** One node evaluated; one character looked at; one character against one instruction of a pattern. */
const NODE = 5;
const CHARACTER = 0.1;
const PATTERN_STEP = 2;

/** For each character, by the function's name in the library. */
const PER_CHARACTER: Readonly<Record<string, number>> = {
  size: 1,
  asciiLower: 1,
  asciiUpper: 1,
  contains: CHARACTER,
  startsWith: CHARACTER,
  endsWith: CHARACTER,
};

/** By how many loops it stands in: nodes, and units for each character of the arguments. */
export type Cost = { readonly nodes: readonly number[]; readonly characters: readonly number[] };

/** How much there is in the arguments: items of lists and members of objects, and characters. */
export type Amount = { readonly items: number; readonly characters: number };

/** The cost of a condition whose words are checked (`words.ts`). */
export function costOf(root: Node): Cost {
  const cost = { nodes: [0, 0, 0, 0], characters: [0, 0, 0, 0] };
  count(root, 0, undefined, cost);
  return cost;
}

type Counting = { readonly nodes: number[]; readonly characters: number[] };

function count(node: Node, loops: number, item: string | undefined, cost: Counting): void {
  cost.nodes[loops]! += 1;
  // Going through the characters of every item is going through all characters once.
  const through = item !== undefined && mostlyOf(node) === item ? loops - 1 : loops;
  cost.characters[through]! += perCharacter(node);
  if (node.op === 'in' || node.op === '+') cost.nodes[loops + 1]! += 1;
  const call = callOf(node);
  if (call === undefined || !LOOPS.has(call.name)) {
    for (const inner of inside(node)) count(inner, loops, item, cost);
    return;
  }
  count(call.receiver!, loops, item, cost);
  const [named, ...conditions] = call.given;
  for (const inner of conditions) count(inner, loops + 1, named!.args as string, cost);
}

/** The variable whose characters a node goes through. */
const mostlyOf = (node: Node): string | undefined => {
  const first = inside(node)[0];
  return first && rootOf(first);
};

function perCharacter(node: Node): number {
  if (node.op === '==' || node.op === '!=' || node.op === 'in' || node.op === '+') return CHARACTER;
  const call = callOf(node);
  if (call === undefined) return 0;
  const [pattern] = call.given;
  if (call.name !== METHODS.get('matches')) return PER_CHARACTER[call.name] ?? 0;
  return PATTERN_STEP * (patternSize(pattern!.args as string) as number);
}

/** What it costs over so much. */
export function unitsOf({ nodes, characters }: Cost, amount: Amount): number {
  let units = 0;
  for (let loops = 0, times = 1; loops < nodes.length; loops += 1, times *= amount.items + 1) {
    units += times * (nodes[loops]! * NODE + characters[loops]! * amount.characters);
  }
  return units;
}

/** Whether a condition costs more where there is more in the arguments. */
export function grows({ nodes, characters }: Cost): boolean {
  return nodes.slice(1).some((count) => count > 0) || characters.some((units) => units > 0);
}

/** How much there is in a value. */
export function amountOf(value: JsonValue | undefined): Amount {
  const found = { items: 0, characters: 0 };
  if (value !== undefined) add(value, found);
  return found;
}

function add(value: JsonValue, found: { items: number; characters: number }): void {
  if (typeof value === 'string') {
    found.characters += value.length;
  } else if (Array.isArray(value)) {
    found.items += value.length;
    for (const item of value) add(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const name in value) {
      found.items += 1;
      found.characters += name.length;
      add((value as Record<string, JsonValue>)[name]!, found);
    }
  }
}
