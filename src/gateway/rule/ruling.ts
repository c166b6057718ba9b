import type { CompiledRequirement } from '../../governance/policies/compile.ts';
import type { Policy, Refusal } from '../../kernel/codes.ts';
import type { Prepared } from '../../upstream/prepared.ts';
import type { Denied } from '../call.ts';

/** What steps find on their way, for the steps after them. */
export type Draft = {
  /** What applies to this call: the grant's base policy, or what a rule raised it to. */
  policy: Policy | null;
  /** Which rule raised it. */
  rule: string | null;
  /** Why that rule could not be evaluated, which raised it to the strictest. */
  ruleFault: string | null;
  /** What the rules that apply require of earlier calls of the run. */
  requires: readonly CompiledRequirement[];
  /** The request, ready to be sent. */
  request: Prepared | null;
};

export function newDraft(): Draft {
  return { policy: null, rule: null, ruleFault: null, requires: [], request: null };
}

/** What is ruled about a call. A pure result: recording it re-checks what it rests on, and only then is it acted on. */
export type Ruling =
  /** It may run; with `approvalId`, by using that approval for the call that was held. */
  | (Ruled & {
      readonly outcome: 'go';
      readonly request: Prepared;
      readonly executionId: string;
      readonly approvalId?: string;
    })
  /** It waits for people, who are shown these bytes. */
  | (Ruled & { readonly outcome: 'hold'; readonly policy: Exclude<Policy, 'auto'>; readonly envelope: Uint8Array })
  /** It is stored for a member to publish: that is decided about as a call of theirs. */
  | (Pick<Ruled, 'policy' | 'rule' | 'ruleFault'> & { readonly outcome: 'draft' })
  | { readonly outcome: 'deny'; readonly refusal: Denied; readonly policy: Policy | null };

type Ruled = {
  readonly policy: Policy;
  readonly rule: string | null;
  readonly ruleFault: string | null;
  readonly payloadSha256: string;
  /** The labels of the run that it was ruled on, where it was: recording holds them against those that are there. */
  readonly runLabels?: readonly string[];
};

export type Go = Extract<Ruling, { outcome: 'go' }>;
export type Hold = Extract<Ruling, { outcome: 'hold' }>;

/** What a step says: why the call is refused, or nothing, and it goes on to the next step. */
export type StepAnswer = Refusal | Denied | undefined;
