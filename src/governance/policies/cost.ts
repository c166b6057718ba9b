import type { JsonValue } from '../../kernel/strict-json.ts';
import { callOf, inside, type Node, rootOf } from './ast.ts';
import { patternSize } from './values.ts';
import { LOOPS, METHODS, ZONED } from './vocabulary.ts';

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
/** In nodes: one item of two lists or objects that are compared; a time as clocks in a zone show it. */
const COMPARED = 15;
const IN_ZONE = 600;

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
  /** How many times the items of the arguments may be in one list, by adding lists, and how many items are written out. */
  readonly lists: number;
  readonly written: number;
};

/** How much there is in the arguments: items of lists, members of objects, and characters. */
export type Amount = { readonly items: number; readonly members: number; readonly characters: number };

/** The cost of a condition whose words are checked (`words.ts`). */
export function costOf(root: Node): Cost {
  const cost = { nodes: [0, 0, 0, 0], characters: [0, 0, 0, 0], overMembers: false, lists: 1, written: 0 };
  count(root, [], cost);
  return cost;
}

type Counting = { -readonly [member in keyof Cost]: Cost[member] } & {
  readonly nodes: number[];
  readonly characters: number[];
};

/**
 * `items` are the variables of the loops around a node; undefined for one whose list is made by the condition, and may
 * have the same part of the arguments many times.
 */
function count(node: Node, items: readonly (string | undefined)[], cost: Counting): void {
  const loops = items.length;
  cost.nodes[loops]! += 1;
  // Going through every item is going through the whole once.
  const isOfItem = throughOf(node).some((part) => {
    const root = rootOf(part);
    return root !== undefined && items.includes(root);
  });
  cost.characters[isOfItem ? loops - 1 : loops]! += perCharacter(node);
  if (isListSum(node)) cost.nodes[loops + 1]! += 1;
  const options = node.op === 'in' ? writtenOut(inside(node)[1]!) : undefined;
  if (node.op === 'in') cost.nodes[options === undefined ? loops + 1 : loops]! += options ?? 1;
  if (isOfWholes(node)) {
    const isOnce = isOfItem && (node.op !== 'in' || options !== undefined);
    cost.nodes[isOnce ? loops : loops + 1]! += COMPARED * (options ?? 1);
    cost.overMembers = true;
  }
  if (isListSum(node)) cost.lists += 1;
  if (node.op === 'list') cost.written += inside(node).length;
  const call = callOf(node);
  if (call !== undefined && ZONED_NAMES.has(call.name)) cost.nodes[loops]! += IN_ZONE;
  if (call === undefined || !LOOPS.has(call.name)) {
    for (const inner of inside(node)) count(inner, items, cost);
    return;
  }
  const { receiver, given } = call;
  if (receiver!.checkedType?.kind !== 'list') cost.overMembers = true;
  count(receiver!, items, cost);
  const [named, ...conditions] = given;
  const item = isPartOfArguments(receiver!) ? (named!.args as string) : undefined;
  for (const inner of conditions) count(inner, [...items, item], cost);
}

const ZONED_NAMES: ReadonlySet<string> = new Set(ZONED.values());

/** Whether a list is one of the arguments, or what is left of one. */
function isPartOfArguments(list: Node): boolean {
  const call = callOf(list);
  return call?.name === 'filter' ? isPartOfArguments(call.receiver!) : rootOf(list) !== undefined;
}

/** Two lists as one; what is not known before may be lists. */
const isListSum = ({ op, checkedType }: Node): boolean =>
  op === '+' && (checkedType?.kind === 'list' || checkedType?.kind === 'dyn');

/** How many items a list has that is written out. */
const writtenOut = (list: Node): number | undefined => (list.op === 'list' ? inside(list).length : undefined);

/** Whether lists or objects may be compared with each other, member by member. */
function isOfWholes(node: Node): boolean {
  const { op } = node;
  if (op !== '==' && op !== '!=' && op !== 'in') return false;
  const compared = op === 'in' ? inside(node).slice(0, 1) : inside(node);
  return compared.every(({ checkedType }) => checkedType?.kind !== 'primitive' && checkedType?.kind !== 'message');
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
export function unitsOf({ nodes, characters, overMembers, lists, written }: Cost, amount: Amount): number {
  const rounds = lists * (amount.items + (overMembers ? amount.members : 0)) + written + 1;
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
