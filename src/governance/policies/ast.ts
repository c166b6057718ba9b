/** A node of the library's tree, with what its checker leaves on it. */
export type Node = {
  readonly op: string;
  readonly args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly input: string;
  readonly checkedType?: NodeType;
};

export type NodeType = {
  readonly name: string;
  readonly kind: string;
  readonly hasDynType: boolean;
  readonly valueType?: NodeType;
};

/** A place where a condition is not acceptable, and why. */
export class Unacceptable extends Error {
  readonly at: number;
  readonly field: string | undefined;

  constructor(node: Pick<Node, 'pos'>, message: string, field?: string) {
    super(message);
    this.at = node.pos;
    this.field = field;
  }
}

type Call = { readonly name: string; readonly receiver: Node | undefined; readonly given: readonly Node[] };

/** The function that a node calls, as it is written; undefined for a node that calls none. */
export function callOf({ op, args }: Node): Call | undefined {
  const all = args as readonly unknown[];
  if (op === 'call') return { name: all[0] as string, receiver: undefined, given: all[1] as Node[] };
  if (op === 'rcall') return { name: all[0] as string, receiver: all[1] as Node, given: all[2] as Node[] };
  return undefined;
}

/** Has the node call the function that the library has under another name. To be done before the tree is checked. */
export function rename(node: Node, name: string): void {
  (node.args as unknown[])[0] = name;
}

/** The nodes directly inside one. */
export function inside(node: Node): readonly Node[] {
  const { op, args } = node;
  switch (op) {
    case 'value':
    case 'id':
      return [];
    case '.':
      return [(args as readonly Node[])[0]!];
    case 'call':
    case 'rcall': {
      const { receiver, given } = callOf(node)!;
      return receiver === undefined ? given : [receiver, ...given];
    }
    case 'map':
      return (args as readonly Node[][]).flat();
    default:
      return Array.isArray(args) ? (args as Node[]) : [args as Node];
  }
}

export const textOf = ({ input, start, end }: Node): string => input.slice(start, end);

export const isLiteral = (node: Node, type: 'string'): boolean => node.op === 'value' && typeof node.args === type;

/** The variable that a path begins with, such as `args` of `args.items[0].price`; undefined of anything else. */
export function rootOf(node: Node): string | undefined {
  let at = node;
  while (at.op === '.' || at.op === '[]') at = inside(at)[0]!;
  return at.op === 'id' ? (at.args as string) : undefined;
}

/** Line and column of a place, both from 1; a column counts code points. */
export function positionOf(source: string, offset: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, offset).split('\n');
  return { line: before.length, column: [...before.at(-1)!].length + 1 };
}
