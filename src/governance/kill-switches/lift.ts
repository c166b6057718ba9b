import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { findKillSwitch } from './read.ts';
import type { KillSwitchView } from './schemas.ts';

/** Lets calls go on. One switch is lifted once; flipping again makes a new one. */
export async function liftKillSwitch(
  { tx, actor }: Verb,
  { id, reason }: { readonly id: string; readonly reason?: string | undefined },
): Promise<KillSwitchView | Problem> {
  await lockConfiguration(tx);
  const before = await findKillSwitch(tx, id);
  if (before === undefined) return problem('not_found');
  const { numUpdatedRows } = await tx.db
    .updateTable('kill_switches')
    .set({ lifted_by: actor.id, lifted_at: tx.at, lift_reason: reason ?? null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('conflict', 'The kill switch has been lifted already.');
  const killSwitch = (await findKillSwitch(tx, id))!;
  await audit(tx, {
    event_type: 'kill_switch.lifted',
    actor,
    resource: { kind: 'kill_switch', id },
    outcome: 'lifted',
    before_state: before,
    after_state: killSwitch,
  });
  return killSwitch;
}
