import type { AuditEvent } from '../ledger/audit.ts';

/** What every entry about an approval names. */
export type ToldApproval = {
  readonly id: string;
  readonly execution_id: string;
  readonly tool_name: string;
  readonly policy: string;
  readonly payload_sha256: string;
  readonly expires_at: Date;
};

/** An event of an approval: its entry names the approval, the call that waits for it and the hash it is bound to. */
export function approvalEvent(
  approval: ToldApproval,
  event: Pick<AuditEvent, 'event_type' | 'outcome'>,
  data: Readonly<Record<string, unknown>> = {},
): Omit<AuditEvent, 'actor'> {
  const { id, execution_id, tool_name, policy, payload_sha256, expires_at } = approval;
  return {
    ...event,
    resource: { kind: 'approval', id },
    payload_sha256,
    data: {
      approval_id: id,
      execution_id,
      tool: tool_name,
      payload_sha256,
      policy,
      expires_at: expires_at.toISOString(),
      ...data,
    },
  };
}
