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
  size: 2,
  asciiLower: 1,
  asciiUpper: 1,
  contains: 1,
  startsWith: CHARACTER,
  endsWith: CHARACTER,
};

/** By how many loops it stands in: nodes, and units for each character of the arguments. */
export type Cost = {
  readonly nodes: readonly number[];
  readonly characters: readonly number[];
  /** Whether what it goes through may be an object, and so members count like items. */
  readonly overMembers: boolean;
};

/** How much there is in the arguments: items of lists, members of objects, and characters. */
export type Amount = { readonly items: number; readonly members: number; readonly characters: number };

/** The cost of a condition whose words are checked (`words.ts`). */
export function costOf(root: Node): Cost {
  const cost = { nodes: [0, 0, 0, 0], characters: [0, 0, 0, 0], overMembers: false };
  count(root, [], cost);
  return cost;
}

type Counting = { readonly nodes: number[]; readonly characters: number[]; overMembers: boolean };

/** `items` are the variables of the loops around a node. */
function count(node: Node, items: readonly string[], cost: Counting): void {
  const loops = items.length;
  cost.nodes[loops]! += 1;
  // Going through the characters of every item is going through all characters once.
  const isOfItem = throughOf(node).some((part) => items.includes(rootOf(part) ?? ''));
  cost.characters[isOfItem ? loops - 1 : loops]! += perCharacter(node);
  if (node.op === 'in' || (node.op === '+' && node.checkedType?.kind === 'list')) cost.nodes[loops + 1]! += 1;
  const call = callOf(node);
  if (call === undefined || !LOOPS.has(call.name)) {
    for (const inner of inside(node)) count(inner, items, cost);
    return;
  }
  const { receiver, given } = call;
  if (receiver!.checkedType?.kind !== 'list') cost.overMembers = true;
  count(receiver!, items, cost);
  const [named, ...conditions] = given;
  for (const inner of conditions) count(inner, [...items, named!.args as string], cost);
}

/** What a node goes through: a method through its text, a comparison through as much as the shorter side has. */
function throughOf(node: Node): readonly Node[] {
  return isBetweenValues(node) ? inside(node) : inside(node).slice(0, 1);
}

const isBetweenValues = ({ op }: Node): boolean => op === '==' || op === '!=' || op === 'in' || op === '+';
const isNumber = ({ checkedType }: Node): boolean => checkedType?.name === 'int' || checkedType?.name === 'double';

function perCharacter(node: Node): number {
  if (isBetweenValues(node)) return inside(node).some(isNumber) ? 0 : CHARACTER;
  const call = callOf(node);
  if (call === undefined) return 0;
  const [pattern] = call.given;
  if (call.name !== METHODS.get('matches')) return PER_CHARACTER[call.name] ?? 0;
  return PATTERN_STEP * (patternSize(pattern!.args as string) as number);
}

/** What it costs over so much. */
export function unitsOf({ nodes, characters, overMembers }: Cost, amount: Amount): number {
  const rounds = amount.items + (overMembers ? amount.members : 0) + 1;
  let units = 0;
  for (let loops = 0, times = 1; loops < nodes.length; loops += 1, times *= rounds) {
    units += times * (nodes[loops]! * NODE + characters[loops]! * amount.characters);
  }
  return units;
}

/** Whether a condition costs more where there is more in the arguments. */
export function grows({ nodes, characters }: Cost): boolean {
  return nodes.slice(1).some((count) => count > 0) || characters.some((units) => units > 0);
}

/** How much there is in values together. */
export function amountOfAll(values: readonly (JsonValue | undefined)[]): Amount {
  const amounts = values.map(amountOf);
  const sum = (of: keyof Amount): number => amounts.reduce((all, amount) => all + amount[of], 0);
  return { items: sum('items'), members: sum('members'), characters: sum('characters') };
}

/** How much there is in a value. */
export function amountOf(value: JsonValue | undefined): Amount {
  const found = { items: 0, members: 0, characters: 0 };
  if (value !== undefined) add(value, found);
  return found;
}

function add(value: JsonValue, found: { items: number; members: number; characters: number }): void {
  if (typeof value === 'string') {
    found.characters += value.length;
  } else if (Array.isArray(value)) {
    found.items += value.length;
    for (const item of value) add(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const name in value) {
      found.members += 1;
      found.characters += name.length;
      add((value as Record<string, JsonValue>)[name]!, found);
    }
  }
}
