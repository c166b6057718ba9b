import type { Subject } from '../../kernel/call-summary.ts';
import type { Effect } from '../../kernel/codes.ts';
import { readJson } from '../../kernel/json-text.ts';
import type { Amount } from '../../kernel/money.ts';
import { type ApprovalState, approvalState, type ExecutionStatus } from '../../kernel/statuses.ts';
import type { ApprovalStatus, PrincipalKind, Role } from '../../store/tables.ts';
import type { CallDescription } from '../../upstream/kind.ts';
import type { Decider } from './deciders.ts';
import type { Drift } from './drift.ts';
import type { GrantedVote } from './facts.ts';
import { type Obstacle, obstacleOf } from './obstacle.ts';
import { type Asked, votesNeeded, votesThatCount, whyNotDecide } from './who-decides.ts';

/** Who looks: a client and a member see what they asked for, a member also what a grant lets them decide. */
export type Viewer =
  | { readonly kind: 'member'; readonly userId: string; readonly role: Role }
  | { readonly kind: 'client'; readonly clientId: string };

/** An approval as lists show it. */
export type ApprovalView = {
  readonly id: string;
  readonly status: ApprovalStatus;
  /** The word for it: its own until it is used, its call's from then on. */
  readonly state: ApprovalState;
  /** What it would do, in one line of an agent's text. */
  readonly summary: string;
  readonly subject: Subject;
  /** The payload has characters that cannot be seen, or words that read like others. */
  readonly suspicious: boolean;
  readonly policy: 'approve' | 'approve-dual';
  readonly policy_rule: string | null;
  /** Why that rule could not be evaluated, which raised the policy to the strictest. */
  readonly policy_fault: string | null;
  readonly tool: { readonly id: string; readonly name: string; readonly effect: Effect };
  readonly principal: { readonly kind: string; readonly id: string; readonly name: string | null };
  readonly execution: { readonly id: string; readonly status: string; readonly code: string | null };
  readonly payload_sha256: string;
  readonly execute_on_approval: boolean;
  readonly created_at: string;
  readonly expires_at: string;
  readonly decided_at: string | null;
  readonly consumed_at: string | null;
  /** Those that count now: a vote counts no more once its voter may not decide any longer. */
  readonly votes: number;
  readonly votes_needed: number;
  /** Whose votes those are. */
  readonly signed_by: readonly { readonly user_id: string; readonly name: string }[];
  /** Why it would be refused if it were made now; null where nothing stands in its way, and once it is over. */
  readonly obstacle: Obstacle | null;
  /** Why it was cancelled, in a sentence; null in every other state. */
  readonly cancelled_because: string | null;
  /** Whether this viewer may still decide it, as far as roles and exclusions go. */
  readonly may_decide: boolean;
};

/** A marked place of the payload; in `steps`, null is every item. Amounts come one by one, each with what it comes to. */
export type Highlight = {
  readonly role: string;
  readonly steps: readonly (string | number | null)[];
} & Partial<Amount>;

/** One approval with the exact pinned bytes, and everything a card needs to explain them. */
export type ApprovalDetail = ApprovalView & {
  /** The canonical envelope whose SHA-256 is `payload_sha256`. */
  readonly envelope: string;
  /** Why the call is made, in the words of whoever made it; also in the envelope. */
  readonly justification: string | null;
  /** The run it belongs to and whom it is made for, as its caller says. */
  readonly run_id: string | null;
  readonly on_behalf_of: string | null;
  /** The labels that were on the run when it was held; null where no rule looked at them. */
  readonly run_labels: readonly string[] | null;
  readonly input_schema: unknown;
  readonly tool_description: string;
  /** What it would do outside, in words, and where it would go; null when the tool is not what it was. */
  readonly call: CallDescription | null;
  readonly decisions: {
    readonly user_id: string;
    readonly name: string;
    readonly decision: 'granted' | 'denied';
    readonly reason: string | null;
    readonly at: string;
    /** Whether a grant counts: false once whoever gave it may not decide any longer. */
    readonly counts: boolean;
  }[];
  readonly approved_before: number;
  /** Where the payload holds recipients, amounts, currencies and subjects, as the tool's schema marks them. */
  readonly highlights: readonly Highlight[];
  /** The tool is not what it was when this was asked for, so approving it would lead to `definition_drift`. */
  readonly tool_changed: boolean;
  /** What of the tool has changed since; null while it is what it was. */
  readonly drift: Drift | null;
  /** Members who may still decide it. */
  readonly deciders: readonly Decider[];
  /** Why this viewer may not decide it; null when they may. */
  readonly why_not: 'role' | 'requester' | 'decided' | 'settled' | null;
};

/** What a view is made of, as `visible()` of read.ts selects it. */
export type ViewRow = Asked & {
  readonly id: string;
  readonly status: ApprovalStatus;
  readonly summary: string;
  readonly subject: string | null;
  readonly suspicious: boolean;
  readonly policy_rule: string | null;
  readonly policy_fault: string | null;
  readonly tool_id: string;
  readonly tool_name: string;
  readonly effect: Effect;
  readonly principal_kind: PrincipalKind;
  readonly principal_id: string;
  readonly principal_name: string | null;
  readonly execution_id: string;
  readonly execution_status: ExecutionStatus;
  readonly execution_code: string | null;
  readonly execution_detail: string | null;
  readonly payload_sha256: string;
  readonly execute_on_approval: boolean;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly decided_at: Date | null;
  readonly consumed_at: Date | null;
  readonly granted_votes: readonly GrantedVote[];
  readonly obstacle: string | null;
};

export function whyNot(row: ViewRow, viewer: Viewer): ApprovalDetail['why_not'] {
  if (viewer.kind === 'client') return 'role';
  const refused = whyNotDecide(viewer, row);
  if (refused !== null) return refused;
  if (row.granted_votes.some(({ userId }) => userId === viewer.userId)) return 'decided';
  return row.status === 'pending' ? null : 'settled';
}

/** Of an approval that was granted all the votes it needed count, whatever became of its voters. */
function countingVotes(row: ViewRow): readonly GrantedVote[] {
  const isGranted = row.status === 'approved' || row.status === 'consumed';
  return isGranted ? row.granted_votes : votesThatCount(row.granted_votes, row);
}

const NOBODY: Subject = { recipients: [], recipient_count: 0, amount: null, title: null };

export function view(row: ViewRow, viewer: Viewer): ApprovalView {
  const signed = countingVotes(row);
  return {
    id: row.id,
    status: row.status,
    state: approvalState(row.status, row.execution_status),
    summary: row.summary,
    subject: row.subject === null ? NOBODY : (readJson(row.subject) as Subject),
    suspicious: row.suspicious,
    policy: row.policy,
    policy_rule: row.policy_rule,
    policy_fault: row.policy_fault,
    tool: { id: row.tool_id, name: row.tool_name, effect: row.effect },
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    execution: { id: row.execution_id, status: row.execution_status, code: row.execution_code },
    payload_sha256: row.payload_sha256,
    execute_on_approval: row.execute_on_approval,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    decided_at: row.decided_at?.toISOString() ?? null,
    consumed_at: row.consumed_at?.toISOString() ?? null,
    votes: row.status === 'approved' || row.status === 'consumed' ? votesNeeded(row.policy) : signed.length,
    votes_needed: votesNeeded(row.policy),
    signed_by: signed.map(({ userId, name }) => ({ user_id: userId, name })),
    obstacle: obstacleOf(row.obstacle),
    cancelled_because: row.status === 'cancelled' ? row.execution_detail : null,
    may_decide: whyNot(row, viewer) === null,
  };
}
