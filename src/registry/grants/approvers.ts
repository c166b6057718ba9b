import { may } from '../../identity/permissions.ts';
import type { Problem } from '../../kernel/codes.ts';
import type { TenantTx } from '../../store/store.ts';
import { fieldProblem } from '../config-check.ts';

/** Approvers must be members whose role can decide; a problem names the first who is not. */
export async function refusedApprovers(tx: TenantTx, userIds: readonly string[]): Promise<Problem | undefined> {
  if (userIds.length === 0) return undefined;
  const members = await tx.db
    .selectFrom('workspace_members')
    .select(['user_id', 'role'])
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', 'in', userIds)
    .execute();
  const roles = new Map(members.map(({ user_id, role }) => [user_id, role]));
  for (const [index, userId] of userIds.entries()) {
    const field = `approver_user_ids.${index}`;
    const role = roles.get(userId);
    if (role === undefined) return fieldProblem(field, `${userId} is not a member of this workspace`);
    if (!may(role, 'approvals.decide'))
      return fieldProblem(field, `${userId} is a ${role}, and a ${role} cannot decide approvals`);
  }
  return undefined;
}
