import { may } from '../../identity/permissions.ts';
import type { Policy } from '../../kernel/codes.ts';
import type { Role } from '../../store/tables.ts';

/**
 * Who may decide an approval: one predicate, always asked as things stand now. The vote, the count of the votes cast
 * before, the card and the list of those who may still sign all ask it.
 */

export type Person = {
  readonly userId: string;
  /** Their role in the workspace; null for whoever is no member any more. */
  readonly role: Role | null;
};

/** What of an approval says who decides it. */
export type Asked = {
  readonly policy: Exclude<Policy, 'auto'>;
  /** Pinned when it was asked for: whoever asked and, under approve-dual, the people behind the credential. */
  readonly requester_user_ids: readonly string[];
  /** The grant it is under, as it is now; null when a member asked, and for a grant that is gone. */
  readonly grant: { readonly approver_user_ids: readonly string[]; readonly updated_by: string } | null;
};

/** How many different people must grant. */
export function votesNeeded(policy: Asked['policy']): number {
  return policy === 'approve-dual' ? 2 : 1;
}

/** Whether a role decides without being named by a grant. */
export function decidesUnnamed(role: Role): boolean {
  return role === 'owner' || role === 'admin';
}

/**
 * Why a person may not decide; null when they may. Owners and admins decide, and members whom the grant names now.
 * Nobody decides what they asked for, and nobody decides a dual approval of a grant they were the last to edit.
 */
export function whyNotDecide(
  { userId, role }: Person,
  { policy, requester_user_ids, grant }: Asked,
): 'role' | 'requester' | null {
  if (role === null || !may(role, 'approvals.decide')) return 'role';
  if (!decidesUnnamed(role) && !grant?.approver_user_ids.includes(userId)) return 'role';
  if (requester_user_ids.includes(userId)) return 'requester';
  if (policy === 'approve-dual' && grant?.updated_by === userId) return 'requester';
  return null;
}

/** The granted votes that count: those of people who may still decide. */
export function votesThatCount<V extends Person>(granted: readonly V[], asked: Asked): V[] {
  return granted.filter((voter) => whyNotDecide(voter, asked) === null);
}
