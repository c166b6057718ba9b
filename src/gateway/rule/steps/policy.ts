import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';
import type { Draft, StepAnswer } from '../ruling.ts';

/** Who must agree: the grant's base policy. Rules raise it here, and never lower it. */
export function policy(_call: Call, facts: Facts, draft: Draft): StepAnswer {
  draft.policy = facts.grant!.basePolicy;
  return undefined;
}
