import { useQuery } from '@tanstack/react-query';
import { ask } from '../../api/http.ts';
import type { Policy } from '../../api/types.ts';
import { useDebounced } from '../../components/debounced.ts';
import { useSlug } from '../../workspace.tsx';
import type { RuleDraft } from './rule-draft.ts';

/** What is wrong with a condition, and where: from 1. */
export type RuleFault = {
  readonly rule: number;
  readonly member: string;
  readonly line: number;
  readonly column: number;
  readonly field?: string;
  readonly message: string;
};

type Checked = {
  readonly errors: readonly RuleFault[];
  readonly wrong_arguments: readonly { readonly path: string; readonly message: string }[];
  readonly said: { readonly policy: Policy; readonly rule: string | null; readonly fault: string | null } | null;
  readonly fields: readonly { readonly path: string; readonly type: string }[];
};

/**
 * Asks the gate itself about rules that are being written, by the same code that will hold calls against them. Rules that
 * have no condition yet are left out; names are made, because one that is missing is no reason to say nothing.
 */
export function useRulesCheck(
  toolId: string,
  rules: readonly RuleDraft[],
  policy: Policy,
  args?: Readonly<Record<string, unknown>>,
) {
  const slug = useSlug();
  const written = rules.map((rule, at) => ({ rule, at })).filter(({ rule }) => rule.when.trim() !== '');
  const body = useDebounced(
    JSON.stringify({
      policy,
      rules: written.map(({ rule: { when, policy: raised, requires }, at }) => ({
        name: String(at),
        when,
        policy: raised,
        ...(requires && { requires }),
      })),
      ...(args !== undefined && { arguments: args }),
    }),
  );
  const check = useQuery({
    queryKey: [slug, 'rules-check', toolId, body],
    queryFn: ({ signal }) =>
      ask<Checked>(`/v1/tools/${toolId}/check-rules`, {
        method: 'POST',
        workspace: slug,
        body: JSON.parse(body) as unknown,
        signal,
      }),
    enabled: toolId !== '',
    placeholderData: (before) => before,
    gcTime: 30_000,
  });
  const { data } = check;
  const said = data?.said ?? null;
  return {
    faultsOf: (at: number): readonly RuleFault[] => (data?.errors ?? []).filter(({ rule }) => written[rule]?.at === at),
    hasFaults: (data?.errors.length ?? 0) > 0,
    fields: data?.fields ?? [],
    wrongArguments: data?.wrong_arguments ?? [],
    said: said && {
      ...said,
      rule: said.rule === null ? null : rules[Number(said.rule)]?.name || `rule ${Number(said.rule) + 1}`,
    },
    problem: check.error,
  };
}
