import { deny, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import type { ApprovalStatus, Role } from '../../store/tables.ts';

/** How many different people must grant. */
export function votesNeeded(policy: 'approve' | 'approve-dual'): number {
  return policy === 'approve-dual' ? 2 : 1;
}

export type DecisionFacts = {
  readonly status: ApprovalStatus;
  readonly expired: boolean;
  readonly payloadSha256: string;
  readonly excludedUserIds: readonly string[];
  readonly approverUserIds: readonly string[];
  readonly decidedBy: readonly string[];
};

/**
 * Whether this person may cast this vote now. Owners and admins decide, and members the grant names; nobody
 * decides what they asked for, nobody decides twice, and nobody decides bytes other than the ones displayed.
 */
export function refuseDecision(
  approval: DecisionFacts,
  voter: { readonly userId: string; readonly role: Role | undefined },
  displayedSha256: string,
): Refusal | Problem | undefined {
  const named = voter.role === 'member' && approval.approverUserIds.includes(voter.userId);
  if (voter.role !== 'owner' && voter.role !== 'admin' && !named) {
    return problem('forbidden', 'Owners, admins and the members this grant names decide. You are none of them.');
  }
  if (approval.excludedUserIds.includes(voter.userId)) return deny('self_approval');
  if (approval.decidedBy.includes(voter.userId)) return deny('duplicate_approver');
  const settled = refuseSettled(approval.status);
  if (settled !== undefined) return settled;
  if (approval.expired) return deny('approval_expired');
  if (approval.payloadSha256 !== displayedSha256) return deny('approval_hash_mismatch');
  return undefined;
}

/** What an approval that is no longer pending answers to a decision or a cancellation. */
export function refuseSettled(status: ApprovalStatus): Refusal | Problem | undefined {
  switch (status) {
    case 'pending':
      return undefined;
    case 'approved':
      return problem('conflict', 'The approval has been granted already.');
    case 'denied':
      return deny('approval_denied');
    case 'expired':
      return deny('approval_expired');
    case 'cancelled':
      return deny('approval_cancelled');
    case 'consumed':
      return deny('approval_consumed');
    case 'superseded':
      return deny('approval_hash_mismatch', 'The payload was edited after this approval was requested.');
  }
}
