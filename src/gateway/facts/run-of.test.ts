import { describe, expect, test } from 'vitest';
import { newSession } from '../../api/mcp/session.ts';
import { approvalOf, callOf, factsOf } from '../rule/rule.fixture.ts';
import { aboutOf, runKeys } from './run-of.ts';

const OPEN = 'open:tok_01m80m5h5re308pvzp7b8eqkmg';
const trusting = (facts = factsOf()) => ({ ...facts, client: { ...facts.client!, trustedRunIds: true } });

describe('whose labels count', () => {
  test('a call without a name is one of what its token does', () => {
    expect(runKeys(callOf(), factsOf())).toEqual({ read: [OPEN], write: [OPEN] });
    expect(runKeys(callOf(), trusting())).toEqual({ read: [OPEN], write: [OPEN] });
  });

  test('another name loses no label, unless the application is trusted to name the runs', () => {
    const call = callOf({ runId: 'r1' });
    expect(runKeys(call, factsOf())).toEqual({ read: ['run:r1', OPEN], write: ['run:r1', OPEN] });
    expect(runKeys(call, trusting())).toEqual({ read: ['run:r1'], write: ['run:r1', OPEN] });
  });

  test('a session is a run, but none that anybody named: opening another loses no label', () => {
    const { id } = newSession({ url: true, inputs: ['sampling'] });
    expect(runKeys(callOf({ sessionRunId: id }), trusting()).read).toEqual([`run:${id}`, OPEN]);
    expect(runKeys(callOf({ sessionRunId: id, runId: 'r1' }), trusting()).read).toEqual(['run:r1']);
  });

  test('a member, who has no token, has an open run of their own', () => {
    const { token: _, client: __, ...facts } = factsOf();
    const member = { ...facts, principal: { kind: 'member', id: 'usr_1' } as const };
    expect(runKeys(callOf(), member)).toEqual({ read: ['open:usr_1'], write: ['open:usr_1'] });
  });

  test('no name can be that of an open run', () => {
    const tokenId = OPEN.slice('open:'.length);
    expect(runKeys(callOf({ runId: `open:${tokenId}` }), trusting()).read).toEqual([`run:open:${tokenId}`]);
  });
});

test('what a call leaves out that uses an approval is as the held call had it; its session does not count', () => {
  const held = { ...approvalOf(callOf({ approvalId: 'apv_1' }), factsOf()), runId: 'r1', onBehalfOf: 'Ada' };
  const facts = { ...factsOf(), approval: held };
  expect(aboutOf(callOf({ approvalId: 'apv_1', sessionRunId: 's2' }), facts)).toEqual({
    runId: 'r1',
    onBehalfOf: 'Ada',
  });
  expect(aboutOf(callOf({ approvalId: 'apv_1', runId: 'r2' }), facts)).toEqual({ runId: 'r2', onBehalfOf: 'Ada' });
  const { runId: _, onBehalfOf: __, ...nameless } = held;
  expect(aboutOf(callOf({ approvalId: 'apv_1', sessionRunId: 's2' }), { approval: nameless })).toEqual({});
});
