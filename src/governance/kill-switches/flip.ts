import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { findKillSwitch, targetExists } from './read.ts';
import type { FlipInput, KillSwitchView } from './schemas.ts';

/**
 * Stops a workspace, tool, agent or client, on every node: no call that has not recorded its intent by then
 * gets through. Flipping what is on already is a conflict, so that two people notice each other.
 */
export async function flipKillSwitch({ tx, actor }: Verb, input: FlipInput): Promise<KillSwitchView | Problem> {
  await lockConfiguration(tx);
  if (!(await targetExists(tx, input.scope, input.id))) {
    return problem('not_found', `There is no such ${input.scope} in this workspace.`);
  }
  const flipped = await tx.db
    .insertInto('kill_switches')
    .values({
      tenant_id: tx.tenantId,
      id: newId('kil'),
      scope: input.scope,
      target_id: input.id ?? '',
      reason: input.reason,
      flipped_by: actor.id,
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'scope', 'target_id']).where('lifted_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  if (flipped === undefined) return problem('conflict', `The kill switch of this ${input.scope} is on already.`);
  const killSwitch = (await findKillSwitch(tx, flipped.id))!;
  await audit(tx, {
    event_type: 'kill_switch.flipped',
    actor,
    resource: { kind: 'kill_switch', id: killSwitch.id },
    outcome: 'on',
    before_state: null,
    after_state: killSwitch,
  });
  return killSwitch;
}
