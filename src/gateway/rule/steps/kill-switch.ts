import { decideKillSwitch } from '../../../governance/kill-switches/decide.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';
import type { StepAnswer } from '../ruling.ts';

/** Whether a switch stops the workspace, the tool or the client. */
export function killSwitch(_call: Call, { switchesOn, tool, principal }: Facts): StepAnswer {
  return decideKillSwitch(switchesOn, {
    toolId: tool?.id,
    clientId: principal.kind === 'client' ? principal.id : undefined,
  });
}
