import type { Step } from '../../kernel/codes.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import type { Watch } from '../watch.ts';
import { envelopeOf } from './envelope-of.ts';
import { type Draft, newDraft, type Ruling, type StepAnswer } from './ruling.ts';
import { approval } from './steps/approval.ts';
import { authenticate } from './steps/authenticate.ts';
import { grant, isDrafted } from './steps/grant.ts';
import { killSwitch } from './steps/kill-switch.ts';
import { payload } from './steps/payload.ts';
import { policy, rules } from './steps/policy.ts';
import { prerequisites } from './steps/prerequisites.ts';
import { request } from './steps/request.ts';
import { schema } from './steps/schema.ts';

/** One step: a pure function of the call, the facts and what the steps before it found. */
export type RuleStep = {
  readonly name: Step;
  readonly judge: (call: Call, facts: Facts, draft: Draft) => StepAnswer;
  /** Whether it judges the caller and the tool alone, whatever is called with: so it can be asked before there is a call. */
  readonly isStanding: boolean;
};

/**
 * The order of every ruling, as STEPS in kernel/codes.ts tells it. Guardrails come behind the request, the budget behind
 * the policy.
 */
export function stepsOf(upstream: Pick<Upstream, 'prepare'>): readonly RuleStep[] {
  return [
    { name: 'authenticate', judge: authenticate, isStanding: true },
    { name: 'payload', judge: payload, isStanding: false },
    { name: 'kill_switch', judge: killSwitch, isStanding: true },
    { name: 'grant', judge: grant, isStanding: true },
    { name: 'schema', judge: schema, isStanding: false },
    { name: 'request', judge: request(upstream), isStanding: false },
    { name: 'policy', judge: policy, isStanding: true },
    { name: 'policy', judge: rules, isStanding: false },
    { name: 'prerequisites', judge: prerequisites, isStanding: false },
    { name: 'approval', judge: approval, isStanding: false },
  ];
}

export type Rules = {
  readonly steps: readonly Step[];
  /**
   * Rules on a call: pure and total, so that a real call, a dry run and a replay over recorded calls are the same
   * function. `watch` is told of each step.
   */
  rule(call: Call, facts: Facts, watch?: Watch): Ruling;
  /** What stands for this caller and tool before anything is called: the first refusal, or the policy that applies. */
  standing(call: Call, facts: Facts): { readonly refusal?: StepAnswer; readonly policy: Draft['policy'] };
};

/** The rules of calls whose requests are made by `upstream.prepare`, which is as pure as they are. */
export function createRules(upstream: Pick<Upstream, 'prepare'>): Rules {
  const steps = stepsOf(upstream);
  const standing = steps.filter(({ isStanding }) => isStanding);
  return {
    steps: steps.map(({ name }) => name),
    rule(call, facts, watch) {
      const draft = newDraft();
      const refusal = firstRefusal(steps, call, facts, draft, watch);
      return refusal === undefined ? ruledOn(call, facts, draft) : { outcome: 'deny', refusal, policy: draft.policy };
    },
    standing(call, facts) {
      const draft = newDraft();
      return { refusal: firstRefusal(standing, call, facts, draft), policy: draft.policy };
    },
  };
}

function firstRefusal(steps: readonly RuleStep[], call: Call, facts: Facts, draft: Draft, watch?: Watch): StepAnswer {
  for (const { name, judge } of steps) {
    const refusal = judge(call, facts, draft);
    watch?.lap(name);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Nothing speaks against the call: it runs, is drafted, or waits for the people its policy asks for. */
function ruledOn(call: Call, facts: Facts, draft: Draft): Ruling {
  const { runLabels } = facts;
  const { policy, rule, ruleFault } = draft;
  if (isDrafted(facts)) return { outcome: 'draft', policy: policy!, rule, ruleFault };
  // What was read in the run since a call was held cannot have shaped it: such a call was ruled on as of then.
  const seen = facts.approval?.runLabels === undefined && runLabels !== undefined && { runLabels };
  const ruled = { policy: policy!, rule, ruleFault, ...seen };
  const request = draft.request!;
  if (facts.approval) {
    const { id: approvalId, executionId, payloadSha256 } = facts.approval;
    return { outcome: 'go', ...ruled, request, executionId, approvalId, payloadSha256 };
  }
  const { executionId } = call;
  const { bytes, payloadSha256 } = envelopeOf(call, facts, draft, executionId);
  if (ruled.policy === 'auto') return { outcome: 'go', ...ruled, request, executionId, payloadSha256 };
  return { outcome: 'hold', ...ruled, policy: ruled.policy, payloadSha256, envelope: bytes };
}
