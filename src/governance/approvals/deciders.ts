import type { TenantTx } from '../../store/store.ts';
import { type Asked, whyNotDecide } from './who-decides.ts';

/** A member who may still cast a vote. */
export type Decider = { readonly user_id: string; readonly name: string };

/** Who may still decide a pending approval, by name. `decidedBy` have voted. */
export async function readDeciders(tx: TenantTx, asked: Asked, decidedBy: readonly string[]): Promise<Decider[]> {
  const named = asked.grant?.approver_user_ids ?? [];
  const members = await tx.db
    .selectFrom('workspace_members as m')
    .innerJoin('auth_users as u', 'u.id', 'm.user_id')
    .where('m.tenant_id', '=', tx.tenantId)
    // A workspace may have very many members: the predicate is asked of those it can hold for.
    .where((eb) => eb.or([eb('m.role', 'in', ['owner', 'admin']), eb('m.user_id', 'in', ['', ...named])]))
    .select(['m.user_id', 'm.role', 'u.name'])
    .orderBy('u.name')
    .execute();
  return members
    .filter(
      ({ user_id, role }) => !decidedBy.includes(user_id) && whyNotDecide({ userId: user_id, role }, asked) === null,
    )
    .map(({ user_id, name }) => ({ user_id, name }));
}
