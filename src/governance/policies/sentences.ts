import { EvaluationError, type ParseError, type TypeError as TypeFault } from '@marcbachmann/cel-js';
import { callOf, inside, type Node, type NodeType, textOf, Unacceptable } from './ast.ts';
import { fieldOf } from './numbers.ts';
import type { ArgumentTypes } from './types.ts';
import { RuleFault } from './values.ts';

/** What is wrong with a condition, in words for whoever wrote it. None of them holds a value that was called with. */

type Said = { readonly at: number; readonly message: string; readonly field?: string };
type Members = ArgumentTypes['members'];

/** What the library or our own checks say of a condition that is not acceptable. */
export function sayWrong(fault: unknown, members: Members): Said {
  if (fault instanceof Unacceptable) {
    return { at: fault.at, message: fault.message, ...(fault.field !== undefined && { field: fault.field }) };
  }
  const { code, summary, node: found, range } = fault as TypeFault | ParseError;
  const node = found as unknown as Node | undefined;
  const at = node?.pos ?? range?.start ?? 0;
  // The library's words are told where there are none of ours; a fault of another kind has neither code nor summary.
  if (node?.op === undefined) {
    if (summary?.includes('maxMapEntries')) return { at, message: NO_MAPS };
    return { at, message: PARSING[code] ?? summary ?? 'cannot be read' };
  }
  const field =
    fieldOf(node) ??
    inside(node)
      .map(fieldOf)
      .find((one) => one !== undefined);
  return { at, message: sayType(code, node, members) ?? summary, ...(field !== undefined && { field }) };
}

/** A condition has nothing to do with maps but to look into them. */
export const NO_MAPS = 'a condition compares values: it cannot make maps';

const PARSING: Readonly<Record<string, string>> = {
  limit_exceeded: 'the condition is too long or too deep: make two rules of it',
  unexpected_token: 'something is missing here',
  expected_token: 'a bracket is missing, or something else stands where it belongs',
};

function sayType(code: string, node: Node, members: Members): string | undefined {
  switch (code) {
    case 'no_such_key':
      return sayNoMember(node, members);
    case 'no_such_overload':
      return sayNoOperator(node);
    case 'no_matching_overload':
      return sayNoFunction(node);
    case 'invalid_logical_operand':
    case 'invalid_condition_type':
      return 'must be true or false on both sides of && and ||, and before ?';
    case 'cannot_index_type':
      return `${textOf(inside(node)[0]!)} is ${kindOf(inside(node)[0]!.checkedType)}, which has no members`;
    case 'invalid_macro_argument':
      return 'has() takes a member of something, such as has(args.amount)';
    case 'limit_exceeded':
      return PARSING.limit_exceeded;
    default:
      return undefined;
  }
}

const NAMES_MAX = 12;

function sayNoMember(node: Node, members: Members): string {
  const owner = inside(node)[0]!;
  const names = [...(members.get(owner.checkedType?.name ?? '')?.keys() ?? [])];
  return noMember(textOf(node), textOf(owner), names);
}

/** A member that is not in the tool's schema. */
export function noMember(text: string, owner: string, names: readonly string[]): string {
  const some = names.slice(0, NAMES_MAX).join(', ') + (names.length > NAMES_MAX ? ', …' : '');
  const none = /^(?:tool|principal|run)\b/.test(owner) ? 'there is no' : "the tool's schema has no";
  return `${none} ${text}: ${owner} has ${some}`;
}

function sayNoOperator(node: Node): string {
  const [left, right] = inside(node);
  const operator = node.op.replace('_', '');
  if (right === undefined) return `${operator} does not go with ${kindOf(left?.checkedType)}`;
  const [a, b] = [kindOf(left!.checkedType), kindOf(right.checkedType)];
  const whole = [left!, right].find(({ checkedType }) => checkedType?.name === 'int');
  const isMixed = whole !== undefined && [left!, right].some(({ checkedType }) => checkedType?.name === 'double');
  const hint = isMixed ? `: write ${whole.op === 'value' ? `${whole.args}.0` : `double(${textOf(whole)})`}` : '';
  return `${textOf(left!)} is ${a} and ${textOf(right)} is ${b}: ${operator} does not go with both${hint}`;
}

function sayNoFunction(node: Node): string {
  const { receiver, given } = callOf(node)!;
  const written = textOf(node);
  const about = [receiver, ...given].filter((one) => one !== undefined).map((one) => kindOf(one.checkedType));
  return `${written} does not go with ${about.join(' and ') || 'nothing'}`;
}

function kindOf(type: NodeType | undefined): string {
  if (type === undefined || type.kind === 'dyn') return 'a value of any kind';
  const known: Readonly<Record<string, string>> = {
    int: 'a whole number (int)',
    double: 'a number (double)',
    string: 'a text',
    bool: 'true or false',
    null: 'null',
    'google.protobuf.Timestamp': 'a time',
    'google.protobuf.Duration': 'a duration',
  };
  return known[type.name] ?? (type.kind === 'list' ? 'a list' : 'an object');
}

/** Why a condition could not be evaluated. Says places in the condition, never values. */
export function sayFault(fault: unknown): string {
  if (fault instanceof RuleFault) return fault.message;
  if (!(fault instanceof EvaluationError)) return 'the condition could not be evaluated';
  const node = fault.node as unknown as Node | undefined;
  const text = node === undefined ? 'the condition' : textOf(node);
  switch (fault.code) {
    case 'no_such_key':
      return `${text} is not among the arguments`;
    case 'no_such_overload':
    case 'no_matching_overload':
    case 'field_type_mismatch':
    case 'list_item_type_mismatch':
    case 'variable_type_mismatch':
    case 'invalid_logical_operand':
    case 'invalid_condition_type':
      return `${text}: the values are not of the kinds that go together`;
    case 'division_by_zero':
    case 'modulo_by_zero':
      return `${text} divides by zero`;
    case 'numeric_overflow':
      return `${text} comes to a number beyond 64 bits`;
    case 'index_out_of_bounds':
      return `${text} is beyond the end of the list`;
    default:
      return `${text} could not be evaluated`;
  }
}
