import type { Step } from '../../kernel/codes.ts';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import type { Watch } from '../watch.ts';
import { envelopeOf } from './envelope-of.ts';
import type { Draft, Ruling, StepAnswer } from './ruling.ts';
import { approval } from './steps/approval.ts';
import { authenticate } from './steps/authenticate.ts';
import { grant } from './steps/grant.ts';
import { killSwitch } from './steps/kill-switch.ts';
import { payload } from './steps/payload.ts';
import { policy } from './steps/policy.ts';
import { schema } from './steps/schema.ts';

/** One step: a pure function of the call, the facts and what the steps before it found. */
export type RuleStep = {
  readonly name: Step;
  readonly judge: (call: Call, facts: Facts, draft: Draft) => StepAnswer;
  /** Whether it judges the caller and the tool alone, whatever is called with: so it can be asked before there is a call. */
  readonly isStanding: boolean;
};

/**
 * The order of every ruling, as STEPS in kernel/codes.ts tells it. Guardrails come behind the schema, the budget behind
 * the policy.
 */
export const RULE_STEPS: readonly RuleStep[] = [
  { name: 'authenticate', judge: authenticate, isStanding: true },
  { name: 'payload', judge: payload, isStanding: false },
  { name: 'kill_switch', judge: killSwitch, isStanding: true },
  { name: 'grant', judge: grant, isStanding: true },
  { name: 'schema', judge: schema, isStanding: false },
  { name: 'policy', judge: policy, isStanding: true },
  { name: 'approval', judge: approval, isStanding: false },
];

/**
 * Rules on a call: pure and total, so that a real call, a dry run and a replay over recorded calls are the same function.
 * `watch` is told how long each step took.
 */
export function rule(call: Call, facts: Facts, watch?: Watch): Ruling {
  const draft: Draft = { policy: null, rule: null };
  for (const step of RULE_STEPS) {
    const refusal = step.judge(call, facts, draft);
    watch?.lap(step.name);
    if (refusal !== undefined) return { outcome: 'deny', refusal, policy: draft.policy };
  }
  const ruled = { policy: draft.policy!, rule: draft.rule };
  if (facts.approval) {
    const { id: approvalId, executionId, payloadSha256 } = facts.approval;
    return { outcome: 'go', ...ruled, executionId, approvalId, payloadSha256 };
  }
  const { executionId } = call;
  const { bytes, payloadSha256 } = envelopeOf(call, facts, draft, executionId);
  if (ruled.policy === 'auto') return { outcome: 'go', ...ruled, executionId, payloadSha256 };
  return { outcome: 'hold', ...ruled, policy: ruled.policy, payloadSha256, envelope: bytes };
}

/** What stands for this caller and tool before anything is called: the first refusal, or the policy that applies. */
export function ruleStanding(
  call: Call,
  facts: Facts,
): { readonly refusal?: StepAnswer; readonly policy: Draft['policy'] } {
  const draft: Draft = { policy: null, rule: null };
  for (const { judge, isStanding } of RULE_STEPS) {
    const refusal = isStanding ? judge(call, facts, draft) : undefined;
    if (refusal !== undefined) return { refusal, policy: draft.policy };
  }
  return { policy: draft.policy };
}
