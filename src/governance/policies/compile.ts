import { type Shape, shapeOf } from '../../kernel/json-schema/shape.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { type GrantRule, RULE_LIMITS, type RuleError, type RuleInput } from '../../registry/grants/rules.ts';
import { callOf, inside, type Node, positionOf, textOf, Unacceptable } from './ast.ts';
import { type Cost, costOf } from './cost.ts';
import { checkNumbers } from './numbers.ts';
import { noMember, sayWrong } from './sentences.ts';
import { type ArgumentTypes, typesFor } from './types.ts';
import { checkWords } from './words.ts';

/** A condition ready to be evaluated over values; throws what keeps it from being evaluated. */
export type Condition = {
  readonly evaluate: (values: Readonly<Record<string, unknown>>) => unknown;
  readonly cost: Cost;
};

/** A condition that no longer fits the tool it was written for. */
export type Unfit = { readonly unfit: string };

export type CompiledRequirement = {
  readonly tool: string;
  readonly where: Condition | Unfit;
  /** The condition as it is written. */
  readonly source: string;
};

export type CompiledRule = {
  readonly rule: RuleInput;
  readonly when: Condition | Unfit;
  readonly requires: readonly CompiledRequirement[];
};

/** The rules of one grant, ready to be asked. */
export type CompiledRules = {
  readonly rules: readonly CompiledRule[];
  /** The arguments that the conditions look at. */
  readonly names: readonly string[] | 'all';
  /** The arguments as the conditions see them. */
  readonly view: (args: JsonObject) => unknown;
  readonly usesNow: boolean;
};

export type CompileResult =
  | { readonly ok: true; readonly compiled: CompiledRules }
  | { readonly ok: false; readonly errors: readonly RuleError[] };

/** Errors of one list of rules that are told. */
const ERRORS_MAX = 20;

/**
 * Holds a grant's rules against the schema of its tool and makes them ready. Each error names the rule, the line and column,
 * and the field where there is one.
 */
export function compileRules(rules: readonly RuleInput[], toolSchema: unknown): CompileResult {
  const { compiled, errors } = compile(rules, shapeOf(toolSchema));
  return errors.length === 0 ? { ok: true, compiled } : { ok: false, errors: errors.slice(0, ERRORS_MAX) };
}

/**
 * Makes rules ready that were acceptable when they were saved. One that the tool has been changed under since is kept as
 * unfit: evaluating it is a fault, and so raises to the strictest policy.
 */
export function compileKept(rules: readonly GrantRule[], shape: Shape): CompiledRules {
  return compile(rules, shape).compiled;
}

type Compiling = { readonly compiled: CompiledRules; readonly errors: readonly RuleError[] };

function compile(rules: readonly RuleInput[], shape: Shape): Compiling {
  const types = typesFor(shape);
  const used = new Used();
  const errors: RuleError[] = [];
  const one = (
    rule: number,
    member: string,
    source: string,
    among: ArgumentTypes,
    sees: readonly string[],
  ): Condition | Unfit => {
    const made = compileCondition(source, among, sees, used);
    if (!('wrong' in made)) return made;
    const { at, message, field } = made.wrong;
    const place = positionOf(source, at);
    errors.push({ rule, member, ...place, ...(field !== undefined && { field }), message });
    return { unfit: message };
  };
  const compiled = rules.map((rule, index) => ({
    rule,
    when: one(index, 'when', rule.when, types, SEEN_WHEN),
    requires: (rule.requires ?? []).map(({ tool, where }, at) => ({
      tool,
      source: where,
      where: one(index, `requires.${at}.where`, where, types, SEEN_WHERE),
    })),
  }));
  const names = used.isAll ? 'all' : [...used.names];
  return {
    compiled: { rules: compiled, names, view: (args) => types.view(args, names), usesNow: used.now },
    errors,
  };
}

/** What conditions look at. */
class Used {
  readonly names = new Set<string>();
  isAll = false;
  now = false;

  add(node: Node, around?: Node): void {
    if (node.op === 'id' && node.args === 'now') this.now = true;
    if (node.op === 'id' && node.args === 'args') {
      const name = memberOf(around);
      if (name === undefined) this.isAll = true;
      else this.names.add(name);
    }
    for (const inner of inside(node)) this.add(inner, node);
  }
}

/** The name of a member that a node reads and that is written out. */
function memberOf(node: Node | undefined): string | undefined {
  if (node?.op !== '.' && node?.op !== '[]') return undefined;
  const member = (node.args as readonly unknown[])[1];
  if (node.op === '.') return member as string;
  const index = member as Node;
  return index.op === 'value' && typeof index.args === 'string' ? index.args : undefined;
}

type Wrong = { readonly wrong: ReturnType<typeof sayWrong> };

function compileCondition(
  source: string,
  { environment, members }: ArgumentTypes,
  sees: readonly string[],
  used: Used,
): Condition | Wrong {
  try {
    if (source.length > RULE_LIMITS.condition) throw new Unacceptable({ pos: 0 }, 'the condition is too long');
    const parsed = environment.parse(source);
    const root = parsed.ast as unknown as Node;
    checkWords(root, sees);
    const { valid, type, error } = parsed.check();
    if (!valid) throw error;
    if (type !== 'bool' && type !== 'dyn') {
      throw new Unacceptable(
        root,
        'a condition is true or false: compare it with something, such as args.amount > 500',
      );
    }
    checkNumbers(root);
    checkHas(root, members);
    used.add(root);
    return { evaluate: parsed, cost: costOf(root) };
  } catch (fault) {
    return { wrong: sayWrong(fault, members) };
  }
}

const SEEN_WHEN = ['args', 'tool', 'principal', 'run', 'now'];
const SEEN_WHERE = ['result', 'args'];

/** The library does not look at what has() asks for: a member that can never be there is a mistake. */
function checkHas(node: Node, members: ArgumentTypes['members']): void {
  const call = callOf(node);
  if (call?.receiver === undefined && call?.name === 'has') typeOfPath(call.given[0]!, members);
  for (const inner of inside(node)) checkHas(inner, members);
}

/** The name of the type that a path of members leads to; undefined where it may be anything. */
function typeOfPath(node: Node, members: ArgumentTypes['members']): string | undefined {
  if (node.op !== '.') return node.checkedType?.name;
  const owner = inside(node)[0]!;
  const fields = members.get(typeOfPath(owner, members) ?? '');
  if (fields === undefined) return undefined;
  const name = memberOf(node)!;
  const type = fields.get(name);
  if (type !== undefined) return type;
  throw new Unacceptable(node, noMember(textOf(node), textOf(owner), [...fields.keys()]), textOf(node));
}
