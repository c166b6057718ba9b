import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { findKillSwitch } from './read.ts';
import type { KillSwitchView } from './schemas.ts';

/** Lets calls go on. One switch is lifted once; flipping again makes a new one. */
export function liftKillSwitch(
  ctx: Verb,
  { id, reason }: { readonly id: string; readonly reason?: string | undefined },
): Promise<KillSwitchView | Problem> {
  const { tx, actor } = ctx;
  return edit(ctx, {
    read: () => findKillSwitch(tx, id),
    async update() {
      const { numUpdatedRows } = await tx.db
        .updateTable('kill_switches')
        .set({
          lifted_by: actor.id,
          lifted_at: tx.at,
          lift_reason: reason ?? null,
          glass_until: null,
          glass_by: null,
          glass_reason: null,
        })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', id)
        .where('lifted_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows === 0n ? problem('conflict', 'The kill switch has been lifted already.') : undefined;
    },
    event: { type: 'kill_switch.lifted', kind: 'kill_switch', id, state: (view) => view },
  });
}
