import { z } from 'zod';
import { isId } from '../../kernel/ids.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import type { Role } from '../../store/tables.ts';

/** The roles an admin can give. There is one owner, who alone can hand that over. */
export const givenRole = z.enum(['admin', 'member', 'viewer'], {
  error: 'write admin, member or viewer; the ownership is transferred by the owner',
});

export const userId = z.string().refine((id): boolean => isId('usr', id), { error: "write a member's id, usr_…" });

export const changeRoleInput = z.strictObject({ role: givenRole });
export const transferOwnerInput = z.strictObject({ user_id: userId });
export const listMembersQuery = z.strictObject({ ...pageQuery('usr'), ...searched });
export type ListMembersQuery = z.infer<typeof listMembersQuery>;

export const memberView = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(['owner', 'admin', 'member', 'viewer']),
  created_at: z.iso.datetime(),
});
export type MemberView = z.infer<typeof memberView>;

type MemberRow = { user_id: string; name: string; email: string; role: Role; created_at: Date };

export function viewMember({ user_id, name, email, role, created_at }: MemberRow): MemberView {
  return { id: user_id, name, email, role, created_at: created_at.toISOString() };
}
