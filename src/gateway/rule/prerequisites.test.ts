import { describe, expect, test } from 'vitest';
import { keptRules } from '../../governance/policies/kept.ts';
import type { GrantRule } from '../../registry/grants/rules.ts';
import type { Facts } from '../facts/facts.ts';
import { approvalOf, callOf, factsOf } from './rule.fixture.ts';
import { createRules } from './rule.ts';

const rules = createRules({
  prepare: () => ({ kind: 'prepared', handlerKind: 'http', request: null, timeoutMs: 1 }),
});
const ID = 'rul_01m80m5h5re308pvzp7b8eqkmg';

function under(list: readonly GrantRule[], more: Partial<Facts> = {}): Facts {
  const facts = factsOf();
  const kept = keptRules(list, facts.tool!.definitionSha256)!;
  return { ...facts, ...more, grant: { ...facts.grant!, rules: kept } };
}

const looked: GrantRule = {
  id: ID,
  name: 'Looked up before',
  when: 'true',
  policy: 'auto',
  requires: [{ tool: 'orders.lookup', where: 'result.order == args.text' }],
};
const earlier = (...results: unknown[]): Pick<Facts, 'earlier'> => ({
  earlier: new Map([['orders.lookup', results.map((result) => JSON.stringify(result))]]),
});

describe('what a rule requires of earlier calls', () => {
  test('without it the call is refused, and told which is missing', () => {
    const ruling = rules.rule(callOf({ arguments: { text: 'A-1' } }), under([looked]));
    expect(ruling).toMatchObject({
      outcome: 'deny',
      refusal: {
        code: 'prerequisite_missing',
        step: 'prerequisites',
        remedy: { missing: ['orders.lookup'] },
        detail: expect.stringContaining('orders.lookup, with a result for which result.order == args.text'),
      },
    });
  });

  test.each([
    ['one that matches', [{ order: 'A-1' }], 'go'],
    ['one that matches among others', [{ order: 'B-2' }, { order: 'A-1' }], 'go'],
    ['others only', [{ order: 'B-2' }], 'deny'],
    ['a result without the member', [{}], 'deny'],
    ['a result of another type', [{ order: 1 }, 'A-1', null, [{ order: 'A-1' }]], 'deny'],
  ])('%s', (_what, results, outcome) => {
    const facts = under([looked], earlier(...results));
    expect(rules.rule(callOf({ arguments: { text: 'A-1' } }), facts).outcome).toBe(outcome);
  });

  test('a rule that does not apply requires nothing', () => {
    const facts = under([{ ...looked, when: 'args.text == "A-1"' }]);
    expect(rules.rule(callOf({ arguments: { text: 'B-2' } }), facts).outcome).toBe('go');
  });

  test('a condition that no longer fits the tool is not fulfilled', () => {
    const list = [{ ...looked, requires: [{ tool: 'orders.lookup', where: 'result.order == args.gone' }] }];
    expect(rules.rule(callOf({ arguments: { text: 'A-1' } }), under(list, earlier({ order: 'A-1' }))).outcome).toBe(
      'deny',
    );
  });
});

describe('labels of the run', () => {
  const untrusted: GrantRule = { id: ID, name: 'Has read', when: "'untrusted' in run.labels", policy: 'approve' };

  test('a rule sees them, and the ruling says which it saw', () => {
    expect(rules.rule(callOf(), under([untrusted], { runLabels: [] }))).toMatchObject({ outcome: 'go', runLabels: [] });
    expect(rules.rule(callOf(), under([untrusted], { runLabels: ['untrusted'] }))).toMatchObject({
      outcome: 'hold',
      rule: 'Has read',
      runLabels: ['untrusted'],
    });
  });

  test('a call that was held is ruled on the labels of then', () => {
    const call = callOf({ approvalId: 'apv_01m80m5h5re308pvzp7b8eqkmg' });
    const facts = { ...factsOf({ policy: 'approve' }), ...under([{ ...untrusted, policy: 'approve-dual' }]) };
    const base = { ...facts, grant: { ...facts.grant!, basePolicy: 'approve' as const } };
    const approval = { ...approvalOf(call, base), runLabels: [] };
    const ruling = rules.rule(call, { ...base, approval, runLabels: ['untrusted'] });
    expect(ruling).toMatchObject({ outcome: 'go', policy: 'approve' });
    expect(ruling).not.toHaveProperty('runLabels');
  });

  test('a rule sees the name of the run, and that it has none', () => {
    const named: GrantRule = { id: ID, name: 'Named', when: "run.id.startsWith('batch-')", policy: 'approve' };
    const facts = under([named], { runLabels: [] });
    expect(rules.rule(callOf({ runId: 'batch-7' }), facts).outcome).toBe('hold');
    expect(rules.rule(callOf({ runId: 'chat-7' }), facts).outcome).toBe('go');
    const nameless: GrantRule = { ...named, when: '!has(run.id)' };
    expect(rules.rule(callOf(), under([nameless], { runLabels: [] })).outcome).toBe('hold');
    expect(rules.rule(callOf({ runId: 'r' }), under([nameless], { runLabels: [] })).outcome).toBe('go');
  });
});
