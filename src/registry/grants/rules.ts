import { z } from 'zod';
import { POLICIES, type Problem, problem } from '../../kernel/codes.ts';
import { isId, newId } from '../../kernel/ids.ts';
import { fieldProblem } from '../config-check.ts';
import { toolName } from '../tools/schemas.ts';

/** What the rules of one grant may take up. */
export const RULE_LIMITS = {
  rules: 50,
  name: 80,
  /** Characters of one condition, and of all of a grant together. */
  condition: 2_000,
  conditions: 20_000,
  /** Earlier calls that one rule may require. */
  requires: 5,
} as const;

const condition = z
  .string({ error: 'write a condition, such as args.amount > 500' })
  .min(1, 'write a condition, such as args.amount > 500')
  .max(RULE_LIMITS.condition, `at most ${RULE_LIMITS.condition} characters`);

export const requirement = z.strictObject({
  tool: toolName.describe('The tool that must have been called before, in the same run.'),
  where: condition.describe('CEL over `result`, what that call came to, and `args`, what is called with now.'),
});
/** An earlier executed call of the same run, whose result must match these arguments. */
export type Requirement = z.infer<typeof requirement>;

const ruleFields = {
  name: z
    .string({ error: 'name the rule' })
    .trim()
    .min(1, 'name the rule: people read it on the card')
    .max(RULE_LIMITS.name, `at most ${RULE_LIMITS.name} characters`)
    .regex(/^\P{Cc}*$/u, 'leave out control characters')
    .describe('What people read on the card: in the envelope, and so part of what is approved.'),
  when: condition.describe('CEL over `args`, `tool`, `principal`, `run` and `now`; true where the rule applies.'),
  policy: z
    .enum(POLICIES, { error: `write one of ${POLICIES.join(', ')}` })
    .describe('What the rule raises to. A rule never lowers; auto is for one that only requires earlier calls.'),
  requires: z.array(requirement).max(RULE_LIMITS.requires, `at most ${RULE_LIMITS.requires} earlier calls`).optional(),
};

const ruleId = z
  .string()
  .refine((id): boolean => isId('rul', id), { error: "write the rule's id, rul_…, or leave it out" });

export const grantRule = z.strictObject({ id: ruleId, ...ruleFields });
/** A rule of a grant, as it is kept. */
export type GrantRule = z.infer<typeof grantRule>;

/** A rule as it is written: one that is new has no id yet. */
export const ruleInput = z.strictObject({ id: ruleId.optional(), ...ruleFields });
export type RuleInput = z.infer<typeof ruleInput>;

export const rulesInput = z
  .array(ruleInput, { error: 'write a list of rules' })
  .max(RULE_LIMITS.rules, `at most ${RULE_LIMITS.rules} rules`)
  .superRefine((rules, ctx) => {
    const conditions = rules.flatMap(({ when, requires = [] }) => [when, ...requires.map(({ where }) => where)]);
    if (conditions.reduce((sum, text) => sum + text.length, 0) > RULE_LIMITS.conditions) {
      ctx.addIssue({ code: 'custom', message: `at most ${RULE_LIMITS.conditions} characters of conditions` });
    }
    const names = new Set<string>();
    const ids = new Set<string>();
    for (const [index, { id, name, policy, requires = [] }] of rules.entries()) {
      const wrong = (member: string, message: string) =>
        ctx.addIssue({ code: 'custom', path: [index, member], message });
      if (names.has(name)) wrong('name', 'another rule has this name');
      if (id !== undefined && ids.has(id)) wrong('id', 'another rule has this id');
      if (policy === 'auto' && requires.length === 0) {
        wrong('policy', 'a rule only raises: write approve or approve-dual');
      }
      names.add(name);
      if (id !== undefined) ids.add(id);
    }
  });

/** What is wrong with a condition, and where: `line` and `column` count from 1, `field` is what it names there. */
export type RuleError = {
  /** The rule's place in the list, from 0. */
  readonly rule: number;
  /** The member of the rule: `when`, or `requires.0.where`. */
  readonly member: string;
  readonly line: number;
  readonly column: number;
  readonly field?: string;
  readonly message: string;
};

/** Holds rules against the schema of the tool they are about. It is done a floor above, where conditions are understood. */
export type CheckRules = (rules: readonly RuleInput[], toolSchema: unknown) => readonly RuleError[];

/** For grants that are made without rules. */
export const NO_RULES: CheckRules = () => {
  throw new Error('Rules were given to a grant, and nothing that understands them');
};

/** The rules as they are kept, or what is wrong with them. `before` are those that the grant has. */
export function keepRules(
  rules: readonly RuleInput[],
  toolSchema: unknown,
  before: readonly GrantRule[],
  check: CheckRules,
): readonly GrantRule[] | Problem {
  if (rules.length === 0) return [];
  const known = new Set(before.map(({ id }) => id));
  const stranger = rules.findIndex(({ id }) => id !== undefined && !known.has(id));
  if (stranger >= 0) {
    return fieldProblem(`rules.${stranger}.id`, 'this grant has no such rule; leave the id out for a new one');
  }
  const errors = check(rules, toolSchema);
  if (errors.length > 0) return rulesProblem(errors);
  return rules.map(({ id = newId('rul'), ...rule }) => ({ id, ...rule }));
}

/** What is wrong with conditions, as a problem that names each by its field, line and column. */
function rulesProblem(errors: readonly RuleError[]): Problem {
  const fields = errors.map(({ rule, member, line, column, message, field }) => ({
    field: `rules.${rule}.${member}`,
    message: `line ${line}, column ${column}: ${message}`,
    line,
    column,
    ...(field !== undefined && { names: field }),
  }));
  return problem('invalid_request', `${fields[0]!.field}: ${fields[0]!.message}`, fields);
}
