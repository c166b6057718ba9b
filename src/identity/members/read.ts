import type { Page, PageInput } from '../../kernel/page.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import { type MemberView, viewMember } from './schemas.ts';

function members(tx: TenantTx) {
  return tx.db
    .selectFrom('workspace_members as m')
    .innerJoin('auth_users as u', 'u.id', 'm.user_id')
    .where('m.tenant_id', '=', tx.tenantId)
    .select(['m.user_id', 'm.role', 'm.created_at', 'u.name', 'u.email']);
}

/** The members of the workspace. */
export async function listMembers(tx: TenantTx, page: PageInput): Promise<Page<MemberView>> {
  return pagedList(members(tx), 'm.user_id', page, viewMember);
}

/** One member, or undefined when that person is not of this workspace. */
export async function findMember(tx: TenantTx, userId: string): Promise<MemberView | undefined> {
  const row = await members(tx).where('m.user_id', '=', userId).executeTakeFirst();
  return row && viewMember(row);
}
