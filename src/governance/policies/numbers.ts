import { inside, type Node, type NodeType, rootOf, textOf, Unacceptable } from './ast.ts';

/** Where a number could be compared with what is none, or come to no number, without anybody noticing. */

const isNumber = (type: NodeType): boolean => type.name === 'int' || type.name === 'double';
const isAny = (type: NodeType): boolean => type.kind === 'dyn';

/**
 * Refuses, in a condition whose types are checked, what would be false in silence where it should not be: `==`, `!=` and
 * `in` between a number and a value that may be anything (5 is not "5"), and a division that may come to no number.
 * Comparisons by size need no care: between a text and a number they are an error when they run.
 * @throws Unacceptable
 */
export function checkNumbers(node: Node): void {
  const parts = inside(node);
  const [left, right] = parts;
  if (node.op === '==' || node.op === '!=') checkSame(node, left!, right!);
  if (node.op === 'in') checkMember(node, left!, right!);
  if (node.op === '/' && node.checkedType?.name !== 'int' && !isNonZero(right!)) {
    throw new Unacceptable(
      right!,
      'dividing by a value may come to no number: divide by a number that is written out, or multiply on the other side',
    );
  }
  for (const part of parts) if (part.checkedType !== undefined) checkNumbers(part);
}

const isNonZero = ({ op, args }: Node): boolean => op === 'value' && Number(args) !== 0;

function checkSame(node: Node, left: Node, right: Node): void {
  const [a, b] = [left.checkedType!, right.checkedType!];
  if (isAny(a) && (isAny(b) || isNumber(b))) throw untyped(left, b);
  if (isAny(b) && isNumber(a)) throw untyped(right, a);
  const nested = [a, b].find((type) => !isAny(type) && type.hasDynType);
  if (nested !== undefined && a.kind === 'list' && b.kind === 'list') {
    throw new Unacceptable(node, 'these lists may hold anything: compare their items');
  }
}

function checkMember(node: Node, item: Node, list: Node): void {
  const [a, b] = [item.checkedType!, list.checkedType!];
  if (b.kind === 'map') return;
  const items = isAny(b) ? b : (b.valueType ?? b);
  if (isAny(a) && (isAny(items) || isNumber(items))) throw untyped(item, items);
  if (isAny(items) && isNumber(a)) {
    throw new Unacceptable(
      node,
      `the tool's schema does not say what ${textOf(list)} holds: write ${textOf(list)}.exists(item, double(item) == …)`,
      fieldOf(list),
    );
  }
}

function untyped(node: Node, other: NodeType): Unacceptable {
  const text = textOf(node);
  const conversion = isNumber(other) ? other.name : 'string';
  return new Unacceptable(
    node,
    `the tool's schema does not say what ${text} is: write ${conversion}(${text})${isNumber(other) ? '' : `, double(${text}) or int(${text})`}`,
    fieldOf(node),
  );
}

/** What a node names, if it names a part of the arguments. */
export function fieldOf(node: Node): string | undefined {
  return (node.op === '.' || node.op === '[]') && rootOf(node) !== undefined ? textOf(node) : undefined;
}
