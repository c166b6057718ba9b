import type { ApprovalDetail } from '../../api/types.ts';

/** Whether the call is on its way: approved, to be made at once, and not ended. */
export function isUnderWay({ status, execute_on_approval, execution }: ApprovalDetail): boolean {
  if (!execute_on_approval || (status !== 'approved' && status !== 'consumed')) return false;
  return execution.status === 'pending_approval' || execution.status === 'running';
}
