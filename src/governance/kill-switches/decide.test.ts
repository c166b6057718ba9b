import { expect, test } from 'vitest';
import type { KillScope } from '../../store/tables.ts';
import { decideKillSwitch, type KillTarget, type SwitchOn } from './decide.ts';

const call: KillTarget = { toolId: 'tool_a', clientId: 'icl_a' };
const on = (scope: KillScope, targetId = ''): SwitchOn => ({ id: `kil_${scope}`, scope, targetId, liftedUntil: null });
const broken = (scope: KillScope, targetId = ''): SwitchOn => ({ ...on(scope, targetId), liftedUntil: new Date() });

const cases: { name: string; switches: SwitchOn[]; target?: KillTarget; stoppedBy?: KillScope }[] = [
  { name: 'no switch', switches: [] },
  { name: 'the workspace', switches: [on('workspace')], stoppedBy: 'workspace' },
  {
    name: 'the workspace, for a call about nothing known',
    switches: [on('workspace')],
    target: {},
    stoppedBy: 'workspace',
  },
  { name: 'the tool', switches: [on('tool', 'tool_a')], stoppedBy: 'tool' },
  { name: 'another tool', switches: [on('tool', 'tool_b')] },
  { name: 'the client', switches: [on('client', 'icl_a')], stoppedBy: 'client' },
  { name: 'another client', switches: [on('client', 'icl_b')] },
  { name: 'an agent, for a call by a client', switches: [on('agent', 'agt_a')] },
  { name: 'the agent', switches: [on('agent', 'agt_a')], target: { agentId: 'agt_a' }, stoppedBy: 'agent' },
  { name: "an id of another scope's kind", switches: [on('client', 'tool_a'), on('tool', 'icl_a')] },
  {
    name: 'a tool, for a call to a tool that does not exist',
    switches: [on('tool', 'tool_a')],
    target: { clientId: 'icl_a' },
  },
  { name: 'one of several', switches: [on('tool', 'tool_b'), on('client', 'icl_a')], stoppedBy: 'client' },
  { name: 'one that is lifted for a time', switches: [broken('workspace'), broken('client', 'icl_a')] },
  {
    name: 'one that is lifted for a time, beside one that is not',
    switches: [broken('workspace'), on('tool', 'tool_a')],
    stoppedBy: 'tool',
  },
  {
    name: 'all of them: the widest is named',
    switches: [on('client', 'icl_a'), on('tool', 'tool_a'), on('workspace')],
    stoppedBy: 'workspace',
  },
];

test.each(cases)('$name', ({ switches, target = call, stoppedBy }) => {
  const refusal = decideKillSwitch(switches, target);
  expect(refusal?.code).toBe(stoppedBy && 'kill_switch');
  if (stoppedBy) expect(refusal?.detail).toContain(stoppedBy);
});
