import { evaluate, isStricter } from '../../../governance/policies/evaluate.ts';
import { readyRules } from '../../../governance/policies/kept.ts';
import { deny } from '../../../kernel/codes.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';
import { aboutOf } from '../../facts/run-of.ts';
import { justificationOf } from '../envelope-of.ts';
import type { Draft, StepAnswer } from '../ruling.ts';

/** Who must agree: the grant's base policy. */
export function policy(_call: Call, facts: Facts, draft: Draft): StepAnswer {
  draft.policy = facts.grant!.basePolicy;
  return undefined;
}

/**
 * What the grant's rules say of this call. They raise the policy, and never lower it. A grant may also ask that a call says
 * why it is made.
 */
export function rules(call: Call, facts: Facts, draft: Draft): StepAnswer {
  const { grant, tool, principal, approval, runLabels } = facts;
  if (grant!.justificationRequired && justificationOf(call, facts) === undefined) return deny('justification_required');
  if (grant!.rules === undefined) return undefined;
  const { runId } = aboutOf(call, facts);
  const said = evaluate(readyRules(grant!.rules, tool!.schema.shape), {
    args: call.arguments,
    tool: tool!,
    principal,
    // Whatever was read in the run since a call was held cannot have shaped it.
    run: { ...(runId !== undefined && { id: runId }), labels: approval?.runLabels ?? runLabels ?? [] },
    // A call that was held is judged as of when it was asked for.
    now: approval?.createdAt ?? call.askedAt,
  });
  draft.requires = said.requires;
  if (isStricter(said.policy, draft.policy!)) {
    draft.policy = said.policy;
    draft.rule = said.rule;
    draft.ruleFault = said.fault ?? null;
  }
  return undefined;
}
