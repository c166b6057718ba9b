import { expect } from 'vitest';
import type { Case, CaseStep } from '../../../test/cases/case-file.ts';
import { REFUSALS } from '../../kernel/codes.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { callOf, factsOf, type Given } from './rule.fixture.ts';
import type { Rules } from './rule.ts';

/** What a case does that facts can say; everything else needs a store, people or an upstream. */
const TOLD_BY_FACTS = new Set([
  'call',
  'answer',
  'switch_on',
  'switch_off',
  'revoke',
  'archive',
  'runs_out',
  'edit_grant',
]);
/** Refusals that are given before or behind the ruling. */
const NOT_RULED = new Set(['unauthenticated', 'rate_limited', 'store_unavailable', 'outcome_unknown']);

/** Whether a case of test/cases can be played against the ruling alone. */
export function canBeRuled({ steps, given }: Case): boolean {
  // What was called and read in a run before is a store's to say.
  if (given.rules.some(({ when, requires }) => requires !== undefined || /\brun\b/.test(when))) return false;
  return steps.every((step) => {
    const names = Object.entries(step).filter(([, value]) => value !== undefined);
    if (!names.every(([name]) => TOLD_BY_FACTS.has(name)) || step.runs_out === 'approval') return false;
    const { call, answer } = step;
    if (call === undefined) return answer === undefined;
    if (call.dry_run) return false;
    const isPlain = call.as === 'client' && !call.hangs && call.raw === undefined && call.padding === undefined;
    const isFirst = call.run_id === undefined && call.approval === undefined && call.idempotency_key === undefined;
    return isPlain && isFirst && !NOT_RULED.has(String(answer?.body.code)) && given.client.rpm_limit === undefined;
  });
}

/** Plays a case against the ruling alone: what each call is answered must be what is ruled. */
export function ruleCase(rules: Rules, { steps, given }: Case): void {
  let facts: Given = {
    policy: given.policy,
    effect: given.tool.effect,
    path: given.tool.path,
    rules: given.rules,
    justificationRequired: given.justification_required,
    ...(given.tool.base_url !== undefined && { baseUrl: given.tool.base_url }),
    ...(given.client.draft_only !== undefined && { draftOnly: given.client.draft_only }),
  };
  for (const step of steps) {
    facts = { ...facts, ...changeOf(step, facts) };
    if (step.call === undefined || step.answer === undefined) continue;
    const isOwn = step.call.tool === 'own';
    const { justification } = step.call;
    const call = callOf({
      arguments: step.call.arguments as JsonObject,
      ...(!isOwn && { toolName: step.call.tool }),
      ...(justification !== undefined && { justification }),
    });
    const ruling = rules.rule(call, factsOf(isOwn ? facts : { ...facts, noTool: true, policy: 'none' }));
    const { code } = step.answer.body as { code?: keyof typeof REFUSALS };
    if (code !== undefined && code in REFUSALS)
      expect(ruling).toMatchObject({ outcome: 'deny', refusal: { code: told(code) } });
    else if (step.answer.body.status === 'draft') expect(ruling.outcome).toBe('draft');
    else expect(ruling.outcome).toBe(step.answer.status === 202 ? 'hold' : 'go');
  }
}

/** What is ruled of a revoked token is told as if nobody had it. */
const told = (code: string): unknown => (code === 'unauthenticated' ? 'token_revoked' : code);

function changeOf(step: CaseStep, { switchesOn = [] }: Given): Given {
  const targets = { workspace: '', tool: 'tool_01m80m5h5re308pvzp7b8eqkmg', client: 'icl_01m80m5h5re308pvzp7b8eqkmg' };
  if (step.switch_on)
    return {
      switchesOn: [
        ...switchesOn,
        { id: `kil_${step.switch_on}`, scope: step.switch_on, targetId: targets[step.switch_on], liftedUntil: null },
      ],
    };
  if (step.switch_off) return { switchesOn: switchesOn.filter(({ scope }) => scope !== step.switch_off) };
  if (step.revoke === 'token') return { tokenRevoked: true };
  if (step.revoke === 'client') return { clientRevoked: true };
  if (step.revoke === 'connector') return { connectorRevoked: true };
  if (step.revoke === 'grant') return { policy: 'none' };
  if (step.archive) return { noTool: true };
  if (step.runs_out === 'token') return { tokenExpired: true };
  if (step.edit_grant === undefined) return {};
  const { policy, rules } = step.edit_grant;
  return { ...(policy && { policy }), ...(rules && { rules }) };
}
