import type { ApprovalDetail } from '../../api/types.ts';

/** Whether the call is on its way: approved, to be made at once or being made, and neither ended nor kept from it. */
export function isUnderWay({ status, execute_on_approval, execution, obstacle }: ApprovalDetail): boolean {
  if (status !== 'approved' && status !== 'consumed') return false;
  if (execution.status === 'running') return true;
  return execution.status === 'pending_approval' && execute_on_approval && !obstacle;
}
