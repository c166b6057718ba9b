import type { Policy } from '../../kernel/codes.ts';
import { compileSchema, type Shape } from '../../kernel/json-schema.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { RuleError, RuleInput } from '../../registry/grants/rules.ts';
import { compileRules } from './compile.ts';
import { evaluate, isStricter, type RuleInputs } from './evaluate.ts';

/** A part of the arguments that a condition can look at. */
export type SeenField = { readonly path: string; readonly type: string };

/** What rules that are being written would say of a call. */
export type Tried = {
  readonly errors: readonly RuleError[];
  /** What is wrong with the arguments that they were tried on. */
  readonly wrong_arguments: readonly { readonly path: string; readonly message: string }[];
  readonly said: { readonly policy: Policy; readonly rule: string | null; readonly fault: string | null } | null;
};

type Trial = {
  readonly rules: readonly RuleInput[];
  /** The grant's own policy, which rules raise. */
  readonly policy: Policy;
  readonly args: JsonObject | undefined;
} & Omit<RuleInputs, 'args'>;

/** Holds rules against a tool's schema and, where there are arguments, asks them about a call with those. */
export function tryRules(toolSchema: unknown, { rules, policy, args, ...about }: Trial): Tried {
  const made = compileRules(rules, toolSchema);
  const errors = made.ok ? [] : made.errors;
  if (args === undefined) return { errors, wrong_arguments: [], said: null };
  const schema = compileSchema(toolSchema);
  const checked = schema.ok ? schema.validate(args) : { ok: false as const, errors: [schema] };
  if (!checked.ok) {
    const wrong_arguments = checked.errors.map(({ path, ...why }) => ({
      path,
      message: 'message' in why ? why.message : why.reason,
    }));
    return { errors, wrong_arguments, said: null };
  }
  if (!made.ok) return { errors, wrong_arguments: [], said: null };
  const { policy: raised, rule, fault = null } = evaluate(made.compiled, { ...about, args });
  const said = isStricter(raised, policy) ? { policy: raised, rule, fault } : { policy, rule: null, fault: null };
  return { errors, wrong_arguments: [], said };
}

const FIELDS_MAX = 60;

const WORDS: Readonly<Record<Exclude<Shape['kind'], 'object' | 'list'>, string>> = {
  any: 'anything',
  null: 'null',
  bool: 'bool',
  int: 'int',
  double: 'double',
  string: 'string',
  map: 'map',
};

/** What there is to look at in arguments of this shape, in the order of the schema. Items of a list are `[*]`. */
export function fieldsOf(shape: Shape, path = 'args', fields: SeenField[] = []): readonly SeenField[] {
  if (fields.length >= FIELDS_MAX) return fields;
  if (shape.kind === 'object') {
    for (const [name, inner] of shape.fields) {
      fieldsOf(inner, /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`, fields);
    }
  } else if (shape.kind === 'list') {
    const { items } = shape;
    fields.push({
      path,
      type: `list of ${items.kind === 'object' || items.kind === 'list' ? items.kind : WORDS[items.kind]}`,
    });
    if (items.kind === 'object') fieldsOf(items, `${path}[*]`, fields);
  } else fields.push({ path, type: WORDS[shape.kind] });
  return fields;
}
