import type { RuleInput } from '../../api/types.ts';

/** A rule as it is written: each has a key of its own, so that it keeps what is written in it when the order changes. */
export type RuleDraft = RuleInput & { readonly key: string };

export function draftsOf(rules: readonly RuleInput[] = []): readonly RuleDraft[] {
  return rules.map((rule, at) => ({ ...rule, key: rule.id ?? `new-${at}` }));
}

export function rulesOf(drafts: readonly RuleDraft[]): RuleInput[] {
  return drafts.map(({ key: _, ...rule }) => rule);
}
