import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import { type ListMembersQuery, type MemberView, viewMember } from './schemas.ts';

function members(tx: TenantTx) {
  return tx.db
    .selectFrom('workspace_members as m')
    .innerJoin('auth_users as u', 'u.id', 'm.user_id')
    .where('m.tenant_id', '=', tx.tenantId)
    .select(['m.user_id', 'm.role', 'm.created_at', 'u.name', 'u.email']);
}

/** The members of the workspace. */
export async function listMembers(tx: TenantTx, { q, ...page }: ListMembersQuery): Promise<Page<MemberView>> {
  let query = members(tx);
  if (q !== undefined) query = query.where((eb) => eb.or([contains('u.name', q), contains('u.email', q)]));
  return pagedList(tx, query, 'm.user_id', page, viewMember);
}

/** One member, or undefined when that person is not of this workspace. */
export async function findMember(tx: TenantTx, userId: string): Promise<MemberView | undefined> {
  const row = await members(tx).where('m.user_id', '=', userId).executeTakeFirst();
  return row && viewMember(row);
}
