import { callOf, inside, isLiteral, type Node, rename, Unacceptable } from './ast.ts';
import { NO_MAPS } from './sentences.ts';
import { isTimeZone, patternSize, timestampOf } from './values.ts';
import { FUNCTIONS, LOOPS, METHODS, ZONED } from './vocabulary.ts';

/** How many loops may stand in each other. */
const LOOPS_MAX = 2;

/** A duration as CEL writes it: one sign, then numbers with their units. Times have milliseconds, so nothing is finer. */
const DURATION = /^-?(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+$/;

/**
 * Goes through a condition's words before its types are checked: it may call only functions that are known to be right and
 * bounded, and is led to our own where the library's are looser. Patterns, times and zones are written out, so that what
 * is wrong with them is seen when the rule is saved.
 * @throws Unacceptable
 */
export function checkWords(root: Node, variables: readonly string[]): void {
  walk(root, new Set(variables), 0);
}

function walk(node: Node, known: ReadonlySet<string>, loops: number): void {
  const { op, args } = node;
  if (op === 'id' && !known.has(args as string)) {
    throw new Unacceptable(node, `there is nothing called ${args}: a condition sees ${[...known].join(', ')}`);
  }
  if (op === 'map') throw new Unacceptable(node, NO_MAPS);
  if (op === 'value' && typeof args === 'object' && args !== null) {
    throw new Unacceptable(node, 'write whole numbers without u, and texts without b: arguments are JSON');
  }
  const call = callOf(node);
  if (call === undefined) {
    for (const inner of inside(node)) walk(inner, known, loops);
    return;
  }
  const { name, receiver, given } = call;
  if (receiver === undefined) {
    callFunction(node, name, given);
    for (const inner of given) walk(inner, known, loops);
    return;
  }
  if (!METHODS.has(name)) throw new Unacceptable(node, `there is no .${name}(): use ${[...METHODS.keys()].join(', ')}`);
  walk(receiver, known, loops);
  if (!LOOPS.has(name)) {
    callMethod(node, name, given);
    for (const inner of given) walk(inner, known, loops);
    return;
  }
  if (loops >= LOOPS_MAX) throw new Unacceptable(node, `at most ${LOOPS_MAX} loops in each other`);
  const [item, ...conditions] = given;
  if (item?.op !== 'id') throw new Unacceptable(node, `name the item first: .${name}(item, …)`);
  const itemName = item.args as string;
  if (known.has(itemName)) throw new Unacceptable(item, `${itemName} is taken: name the item otherwise`);
  for (const inner of conditions) walk(inner, new Set([...known, itemName]), loops + 1);
}

function callFunction(node: Node, name: string, given: readonly Node[]): void {
  const own = FUNCTIONS.get(name);
  if (own === undefined) {
    throw new Unacceptable(node, `there is no ${name}(): use ${[...FUNCTIONS.keys()].join(', ')}`);
  }
  const [first] = given;
  if (name === 'timestamp') {
    const text = literal(node, first, 'timestamp()', '"2026-01-31T09:00:00Z"');
    try {
      timestampOf(text);
    } catch {
      throw new Unacceptable(first!, 'write the time with its offset, such as "2026-01-31T09:00:00Z"');
    }
  }
  if (name === 'duration' && !DURATION.test(literal(node, first, 'duration()', '"90m"'))) {
    throw new Unacceptable(first!, 'write numbers with their units (h, m, s, ms), such as "1h30m"');
  }
  rename(node, own);
}

function callMethod(node: Node, name: string, given: readonly Node[]): void {
  const [first] = given;
  if (name === 'matches') {
    const size = patternSize(literal(node, first, '.matches()', '"^INV-[0-9]+$"'));
    if (typeof size === 'string') throw new Unacceptable(first!, `not a pattern of RE2: ${size}`);
  }
  const zoned = given.length === 1 ? ZONED.get(name) : undefined;
  if (zoned !== undefined && !isTimeZone(literal(node, first, `.${name}()`, '"Europe/Berlin"'))) {
    throw new Unacceptable(first!, 'there is no such time zone: write one such as "Europe/Berlin"');
  }
  rename(node, zoned ?? METHODS.get(name)!);
}

/** A text that is written out, which it has to be. */
function literal(node: Node, given: Node | undefined, what: string, example: string): string {
  if (given === undefined || !isLiteral(given, 'string')) {
    throw new Unacceptable(given ?? node, `${what} takes a text that is written out, such as ${example}`);
  }
  return given.args as string;
}
