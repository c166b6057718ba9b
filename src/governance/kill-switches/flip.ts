import { make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { findKillSwitch, targetExists } from './read.ts';
import type { FlipInput, KillSwitchView } from './schemas.ts';

/**
 * Stops a workspace, tool, agent or client, on every node: no call that has not recorded its intent by then
 * gets through. Flipping what is on already is a conflict, so that two people notice each other. Requests that wait
 * for approval stay: the switch is lifted again.
 */
export function flipKillSwitch(ctx: Verb, input: FlipInput): Promise<KillSwitchView | Problem> {
  const { tx, actor } = ctx;
  const id = newId('kil');
  return make(ctx, {
    read: () => findKillSwitch(tx, id),
    async make() {
      if (!(await targetExists(tx, input.scope, input.id))) {
        return problem('not_found', `There is no such ${input.scope} in this workspace.`);
      }
      const flipped = await tx.db
        .insertInto('kill_switches')
        .values({
          tenant_id: tx.tenantId,
          id,
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
      return flipped ? undefined : problem('conflict', `The kill switch of this ${input.scope} is on already.`);
    },
    event: { type: 'kill_switch.flipped', kind: 'kill_switch', id, outcome: 'on', state: (view) => view },
  });
}
