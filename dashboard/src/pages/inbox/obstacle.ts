import type { ApprovalView } from '../../api/types.ts';

/** Why a call cannot be made, or not now; the server's, or that its time is over. */
export type Obstacle = { readonly code: string; readonly detail: string };

/** Why an approval that waits, or is approved and not used, cannot lead to a call now. */
export function obstacleOf(approval: ApprovalView, now: number): Obstacle | null {
  if (approval.status !== 'pending' && approval.status !== 'approved') return null;
  if (approval.status === 'pending' && Date.parse(approval.expires_at) <= now) return OVER;
  return approval.obstacle;
}

const OVER: Obstacle = {
  code: 'approval_expired',
  detail: 'It can no longer be approved; the agent can ask again.',
};

const TITLES: Readonly<Record<string, string>> = {
  approval_expired: 'The time is over.',
  stopped: 'Stopped by a kill switch.',
  definition_drift: 'The tool was changed after this was asked for.',
  tool_quarantined: 'The tool is quarantined.',
  tool_archived: 'The tool is archived.',
  tool_not_granted: 'The caller has no grant for this tool any more.',
  connector_revoked: 'The connector of the tool was revoked.',
  draft_only: 'The caller may only read and draft now.',
  client_revoked: 'The caller was revoked.',
  token_revoked: 'The token it was asked for with was revoked.',
  member_left: 'Whoever asked may not call tools any more.',
  policy_changed: 'The policy was changed after this was asked for.',
  grant_renewed: 'The grant was made anew after this was asked for.',
};

/** What is in the way, in a sentence. */
export function obstacleTitle({ code }: Obstacle): string {
  return TITLES[code] ?? 'This call cannot succeed now.';
}
