import type { TenantTx } from '../../store/store.ts';

/** A member who may still cast a vote. */
export type Decider = { readonly user_id: string; readonly name: string };

type Asked = {
  readonly status: string;
  readonly requester_user_ids: readonly string[];
  readonly approver_user_ids: readonly string[];
};

/** Who may still decide a pending approval, by name: the same rule as `refuseDecision`, asked for everybody at once. */
export async function readDeciders(
  tx: TenantTx,
  { status, requester_user_ids, approver_user_ids }: Asked,
  decidedBy: readonly string[],
): Promise<Decider[]> {
  if (status !== 'pending') return [];
  const excluded = new Set([...requester_user_ids, ...decidedBy]);
  const members = await tx.db
    .selectFrom('workspace_members as m')
    .innerJoin('auth_users as u', 'u.id', 'm.user_id')
    .where('m.tenant_id', '=', tx.tenantId)
    .where((eb) =>
      eb.or([
        eb('m.role', 'in', ['owner', 'admin']),
        eb.and([
          eb('m.role', '=', 'member'),
          eb('m.user_id', 'in', approver_user_ids.length > 0 ? [...approver_user_ids] : ['']),
        ]),
      ]),
    )
    .select(['m.user_id', 'u.name'])
    .orderBy('u.name')
    .execute();
  return members.filter(({ user_id }) => !excluded.has(user_id));
}
