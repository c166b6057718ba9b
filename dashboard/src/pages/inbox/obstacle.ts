import type { Card, InboxItem, Obstacle } from './contract.ts';

/** Why an approval that waits, or is approved and not used, cannot lead to a call now. */
export function obstacleOf(approval: InboxItem | Card, now: number): Obstacle | null {
  if (approval.status !== 'pending' && approval.status !== 'approved') return null;
  if (approval.status === 'pending' && Date.parse(approval.expires_at) <= now) return OVER;
  if (approval.obstacle !== undefined) return approval.obstacle;
  return 'tool_changed' in approval && approval.tool_changed ? DRIFT : null;
}

const OVER: Obstacle = {
  code: 'approval_expired',
  detail: 'It can no longer be approved; the agent can ask again.',
};
const DRIFT: Obstacle = { code: 'definition_drift', detail: 'The tool changed after the approval was requested.' };

const TITLES: Readonly<Record<string, string>> = {
  approval_expired: 'The time is over.',
  stopped: 'A kill switch stops this call.',
  kill_switch: 'A kill switch stops this call.',
  definition_drift: 'The tool was changed after this was asked for.',
  tool_archived: 'The tool is archived.',
  tool_not_granted: 'The caller may no longer call this tool.',
  not_granted: 'The caller may no longer call this tool.',
  draft_only: 'The caller may no longer do this.',
  client_revoked: 'The caller was revoked.',
  token_revoked: 'The caller was revoked.',
};

/** What is in the way, in a sentence. */
export function obstacleTitle({ code }: Obstacle): string {
  return TITLES[code] ?? 'This call cannot succeed now.';
}

/** Whether it passes: a stop is lifted some day, a changed tool stays changed. */
export function isPassing({ code }: Obstacle): boolean {
  return code === 'stopped' || code === 'kill_switch';
}
