import { deny, type Refusal } from '../../kernel/codes.ts';
import type { KillScope } from '../../store/tables.ts';

export type SwitchOn = {
  readonly id: string;
  readonly scope: KillScope;
  readonly targetId: string;
  /** Until then an owner has lifted it, by the database's clock; null where nobody has. */
  readonly liftedUntil: Date | null;
};

/** What a call is about, as far as switches are concerned. */
export type KillTarget = {
  readonly toolId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly clientId?: string | undefined;
};

/** What a switch of that scope says of what it stops. */
export const STOPPED: Readonly<Record<KillScope, string>> = {
  workspace: 'A kill switch stops every call of this workspace until an admin lifts it.',
  tool: 'A kill switch stops this tool until an admin lifts it.',
  agent: 'A kill switch stops this agent until an admin lifts it.',
  client: 'A kill switch stops this client until an admin lifts it.',
};

/** Whether a switch stops the call; the widest one that does is named. */
export function decideKillSwitch(switchesOn: readonly SwitchOn[], target: KillTarget): Refusal | undefined {
  // Almost always there is none, and this runs on every call.
  if (switchesOn.length === 0) return undefined;
  for (const scope of WIDEST_FIRST) {
    const stops = (one: SwitchOn): boolean => one.scope === scope && one.liftedUntil === null && isAimedAt(one, target);
    if (switchesOn.some(stops)) return deny('kill_switch', STOPPED[scope]);
  }
  return undefined;
}

const WIDEST_FIRST: readonly KillScope[] = ['workspace', 'tool', 'agent', 'client'];

/** Whether a switch is about such a call. */
export function isAimedAt({ scope, targetId }: SwitchOn, { toolId, agentId, clientId }: KillTarget): boolean {
  if (scope === 'workspace') return true;
  return targetId === { tool: toolId, agent: agentId, client: clientId }[scope];
}
