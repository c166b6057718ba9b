import { POLICIES, type Policy } from '../../kernel/codes.ts';
import type { JsonObject, JsonValue } from '../../kernel/strict-json.ts';
import type { CompiledRequirement, CompiledRule, CompiledRules, Condition, Unfit } from './compile.ts';
import { type Amount, amountOf, amountOfAll, COST_MAX, grows, unitsOf } from './cost.ts';
import { sayFault } from './sentences.ts';
import { PrincipalValue, RunValue, ToolValue } from './vocabulary.ts';

/** What conditions are asked about. */
export type RuleInputs = {
  readonly args: JsonObject;
  readonly tool: { readonly name: string; readonly effect: string };
  readonly principal: { readonly kind: string; readonly id: string };
  readonly run: { readonly id?: string; readonly labels: readonly string[] };
  /** When the call was asked for. */
  readonly now: Date;
};

/** What a list of rules comes to. */
export type Evaluated = {
  /** What the rules raise to; `auto` where none applies. */
  readonly policy: Policy;
  /** The rule that does: of several, the strictest, and of those the first. */
  readonly rule: string | null;
  /** Why that rule could not be evaluated, which raises to the strictest policy. */
  readonly fault?: string;
  /** What the rules that apply require of earlier calls of the run. */
  readonly requires: readonly CompiledRequirement[];
};

const NOTHING: Evaluated = { policy: 'auto', rule: null, requires: [] };
const STRICTEST: Policy = POLICIES.at(-1)!;
const TOO_MUCH = 'the arguments are too large for the condition to be evaluated in time';

/** Whether one policy asks for more people than another. */
export const isStricter = (one: Policy, other: Policy): boolean => POLICIES.indexOf(one) > POLICIES.indexOf(other);

/**
 * Asks a grant's rules about a call: pure and total. A condition that cannot be evaluated, does not come to true or false,
 * or would take too long on these arguments counts as one that applies, with the strictest policy.
 */
export function evaluate(compiled: CompiledRules, inputs: RuleInputs): Evaluated {
  if (compiled.rules.length === 0) return NOTHING;
  const { args, tool, principal, run, now } = inputs;
  const values = {
    args: compiled.view(args),
    tool: new ToolValue(tool.name, tool.effect),
    principal: new PrincipalValue(principal.kind, principal.id),
    run: new RunValue(run.id, run.labels),
    now,
  };
  const meter = new Meter(() => amountIn(args, compiled.names));
  let found: Evaluated = NOTHING;
  const requires: CompiledRequirement[] = [];
  for (const one of compiled.rules) {
    const { rule } = one;
    // Nothing is stricter; what a later rule requires counts all the same.
    if (found.policy === STRICTEST && one.requires.length === 0) continue;
    const fault = apply(one, values, meter);
    if (fault === undefined) continue;
    requires.push(...one.requires);
    const policy = fault === '' ? rule.policy : STRICTEST;
    if (isStricter(policy, found.policy)) found = { policy, rule: rule.name, ...(fault !== '' && { fault }), requires };
  }
  return requires.length === found.requires.length ? found : { ...found, requires };
}

/** Undefined for a rule that does not apply, an empty text for one that does, or why that cannot be said. */
function apply({ when }: CompiledRule, values: Readonly<Record<string, unknown>>, meter: Meter): string | undefined {
  const said = ask(when, values, meter);
  if (said === true) return '';
  return said === false ? undefined : said;
}

/** Whether a condition holds, or why that cannot be said. */
function ask(condition: Condition | Unfit, values: Readonly<Record<string, unknown>>, meter: Meter): boolean | string {
  if ('unfit' in condition) return `the rule does not fit the tool any more: ${condition.unfit}`;
  if (!meter.has(condition.cost)) return TOO_MUCH;
  try {
    const said = condition.evaluate(values);
    return typeof said === 'boolean' ? said : 'the condition came to something that is not true or false';
  } catch (fault) {
    return sayFault(fault);
  }
}

/** What is left of what the rules of one call may take. */
class Meter {
  #left = COST_MAX;
  #amount: Amount | undefined;
  readonly #measure: () => Amount;

  constructor(measure: () => Amount) {
    this.#measure = measure;
  }

  /** Takes what a condition costs over the arguments, if so much is left. */
  has(cost: Condition['cost']): boolean {
    if (!grows(cost)) return true;
    this.#amount ??= this.#measure();
    this.#left -= unitsOf(cost, this.#amount);
    return this.#left >= 0;
  }
}

function amountIn(args: JsonObject, names: CompiledRules['names']): Amount {
  return names === 'all'
    ? amountOf(args)
    : amountOfAll(names.map((name) => (Object.hasOwn(args, name) ? args[name] : undefined)));
}

/**
 * Whether an earlier call is one that a rule requires: `result` is what it came to, `args` what is called with now. A
 * condition that cannot be evaluated is not fulfilled.
 */
export function fulfils(
  { where }: CompiledRequirement,
  compiled: CompiledRules,
  result: JsonValue,
  args: JsonObject,
): boolean {
  const meter = new Meter(() => amountOfAll([result, args]));
  return ask(where, { result, args: compiled.view(args) }, meter) === true;
}
