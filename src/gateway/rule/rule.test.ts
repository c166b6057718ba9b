import { expect, test } from 'vitest';
import { readCases } from '../../../test/cases/case-file.ts';
import { STEPS } from '../../kernel/codes.ts';
import { egressExceptions } from '../../upstream/egress-exceptions.ts';
import { prepare } from '../../upstream/prepare.ts';
import { approvalOf, callOf, factsOf } from './rule.fixture.ts';
import { createRules } from './rule.ts';
import { canBeRuled, ruleCase } from './rule-case.fixture.ts';

const rules = createRules({ prepare: (request) => prepare(request, egressExceptions(['127.0.0.1:4010'])) });

test('the steps that rule are in the order of the one list of steps', () => {
  const places = rules.steps.map((step) => STEPS.indexOf(step));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test.each([
  ['an auto call', {}, { outcome: 'go', policy: 'auto' }],
  ['one that people must see', { policy: 'approve' }, { outcome: 'hold', policy: 'approve' }],
  ['one that two people must see', { policy: 'approve-dual' }, { outcome: 'hold', policy: 'approve-dual' }],
] as const)('%s is ruled on without a store', (_name, grant, expected) => {
  const ruling = rules.rule(callOf(), factsOf(grant));
  expect(ruling).toMatchObject({ ...expected, rule: null, payloadSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('the same call under the same facts is the same ruling, and neither is changed', () => {
  const [call, facts] = [callOf(), factsOf({ policy: 'approve' })];
  const before = structuredClone({ version: facts.version, args: call.arguments });
  expect(rules.rule(call, facts)).toEqual(rules.rule(call, facts));
  expect({ version: facts.version, args: call.arguments }).toEqual(before);
});

test('each step is told to whoever watches, up to the one that refuses', () => {
  const laps: string[] = [];
  const watch = { lap: (stage: string) => void laps.push(stage), end() {} };
  rules.rule(callOf({ arguments: { text: 7 } }), factsOf(), watch);
  expect(laps).toEqual(['authenticate', 'payload', 'kill_switch', 'grant', 'schema']);
});

test.each([
  ['pending', false, 'approval_pending'],
  ['approved', true, 'approval_expired'],
  ['denied', false, 'approval_denied'],
  ['expired', false, 'approval_expired'],
  ['cancelled', false, 'approval_cancelled'],
  ['consumed', false, 'approval_consumed'],
  ['superseded', false, 'approval_hash_mismatch'],
] as const)('an approval that is %s (over: %s) is refused by %s, and named', (status, isOver, code) => {
  const call = callOf({ approvalId: 'apv_01m80m5h5re308pvzp7b8eqkmg' });
  const facts = factsOf({ policy: 'approve' });
  const named = { ...approvalOf(call, facts), status, isOver, deniedReason: 'Not today' };
  const ruling = rules.rule(call, { ...facts, approval: named });
  expect(ruling).toMatchObject({ outcome: 'deny', refusal: { code, approvalId: named.id } });
  const reason = ruling.outcome === 'deny' ? ruling.refusal.approverReason : undefined;
  expect(reason).toBe(status === 'denied' ? 'Not today' : undefined);
});

test('an approval of these bytes lets the held call go', () => {
  const call = callOf({ approvalId: 'apv_01m80m5h5re308pvzp7b8eqkmg' });
  const facts = factsOf({ policy: 'approve' });
  const approval = approvalOf(call, facts);
  expect(rules.rule(call, { ...facts, approval })).toMatchObject({
    outcome: 'go',
    executionId: approval.executionId,
    approvalId: approval.id,
    payloadSha256: approval.payloadSha256,
  });
  const other = callOf({ approvalId: approval.id, arguments: { text: 'Other' } });
  expect(rules.rule(other, { ...facts, approval })).toMatchObject({ refusal: { code: 'approval_hash_mismatch' } });
  expect(rules.rule(call, { ...facts, approval: null })).toMatchObject({ refusal: { code: 'approval_not_found' } });
});

test('what stands before a call is what a call would be told, whatever it is made with', () => {
  const stopped = factsOf({ switchesOn: [{ id: 'kil_1', liftedUntil: null, scope: 'workspace', targetId: '' }] });
  expect(rules.standing(callOf(), stopped)).toMatchObject({ refusal: { code: 'kill_switch' } });
  const revoked = factsOf({ connectorRevoked: true });
  expect(rules.standing(callOf(), revoked)).toMatchObject({ refusal: { code: 'not_granted' } });
  expect(rules.standing(callOf({ arguments: { text: 7 } }), factsOf({ policy: 'approve' }))).toEqual({
    refusal: undefined,
    policy: 'approve',
  });
});

const cases = readCases().filter(canBeRuled);

test('most decisions need no store', () => {
  expect(cases.length).toBeGreaterThanOrEqual(20);
});

test.each(cases)('$file, ruled alone: $name', (one) => ruleCase(rules, one));
