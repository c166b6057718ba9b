import {
  decideKillSwitch,
  isAimedAt,
  type KillTarget,
  type SwitchOn,
} from '../../../governance/kill-switches/decide.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';
import type { StepAnswer } from '../ruling.ts';

/** Whether a switch stops the workspace, the tool or the client. */
export function killSwitch(_call: Call, facts: Facts): StepAnswer {
  return decideKillSwitch(facts.switchesOn, targetOf(facts));
}

/** The switches that would stop the call if an owner had not lifted them for a time. */
export function brokenGlass(facts: Facts): readonly SwitchOn[] {
  return facts.switchesOn.length === 0
    ? []
    : facts.switchesOn.filter((one) => one.liftedUntil !== null && isAimedAt(one, targetOf(facts)));
}

/** A draft is its client's, whoever publishes it. */
function targetOf({ tool, principal, drafted }: Facts): KillTarget {
  return { toolId: tool?.id, clientId: principal.kind === 'client' ? principal.id : drafted?.clientId };
}
