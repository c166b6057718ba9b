import { deny, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import type { ApprovalStatus } from '../../store/tables.ts';
import { type Asked, type Person, whyNotDecide } from './who-decides.ts';

export type DecisionFacts = Asked & {
  readonly status: ApprovalStatus;
  readonly expired: boolean;
  readonly payload_sha256: string;
  /** Whoever has voted already, whether or not their vote still counts. */
  readonly decidedBy: readonly string[];
};

/**
 * Whether this person may cast this vote now: they may decide it at all, have not done so yet, it still waits, and
 * the bytes they saw are the ones that are pinned.
 */
export function refuseDecision(
  approval: DecisionFacts,
  voter: Person,
  displayedSha256: string,
): Refusal | Problem | undefined {
  const whyNot = whyNotDecide(voter, approval);
  if (whyNot === 'role') {
    return problem('forbidden', 'Owners, admins and the members this grant names decide. You are none of them.');
  }
  if (whyNot === 'requester') return deny('self_approval');
  if (approval.decidedBy.includes(voter.userId)) return deny('duplicate_approver');
  const settled = refuseSettled(approval.status);
  if (settled !== undefined) return settled;
  if (approval.expired) return deny('approval_expired');
  if (approval.payload_sha256 !== displayedSha256) return deny('approval_hash_mismatch');
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
