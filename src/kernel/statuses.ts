/** Every state that things can be in: what tables, filters, answers and pages say of them comes from here. */

export const EXECUTION_STATUSES = [
  'pending_approval',
  'running',
  'executed',
  'failed',
  'unknown',
  'denied',
  'cancelled',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export const APPROVAL_STATUSES = [
  'pending',
  'approved',
  'denied',
  'expired',
  'cancelled',
  'superseded',
  'consumed',
] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** What is said of a call to people, in one word each, the same everywhere. */
export const CALL_STATES = ['waiting', 'running', 'executed', 'failed', 'refused', 'unknown', 'cancelled'] as const;
export type CallState = (typeof CALL_STATES)[number];

/** The word for a call in that state of the table. */
export const CALL_STATE_OF: Readonly<Record<ExecutionStatus, CallState>> = {
  pending_approval: 'waiting',
  running: 'running',
  executed: 'executed',
  failed: 'failed',
  unknown: 'unknown',
  denied: 'refused',
  cancelled: 'cancelled',
};

/** What is said of an approval: its own word until it is used, from then on its call's. */
export const APPROVAL_STATES = [
  'waiting',
  'approved',
  'denied',
  'expired',
  'cancelled',
  'superseded',
  'running',
  'executed',
  'failed',
  'refused',
  'unknown',
] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** The word for an approval with this status whose call has that one. */
export function approvalState(status: ApprovalStatus, execution: ExecutionStatus): ApprovalState {
  if (status === 'pending') return 'waiting';
  return status === 'consumed' ? CALL_STATE_OF[execution] : status;
}

/** Of a draft. What has not been published or discarded after 30 days is removed. */
export const DRAFT_STATUSES = ['open', 'published', 'discarded'] as const;
export type DraftStatus = (typeof DRAFT_STATUSES)[number];

export const CLIENT_STATUSES = ['active', 'revoked'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

export const CONNECTOR_STATUSES = ['active', 'revoked'] as const;
export type ConnectorStatus = (typeof CONNECTOR_STATUSES)[number];

/** Where a connector stands with the provider that it is authorized at. */
export const AUTHORIZATION_STATES = ['none', 'authorized', 'expired', 'ended', 'changed'] as const;
export type AuthorizationState = (typeof AUTHORIZATION_STATES)[number];

export const TOOL_STATUSES = ['active', 'archived'] as const;
export type ToolStatus = (typeof TOOL_STATUSES)[number];

/** Of a token, from its times. */
export const TOKEN_STATUSES = ['active', 'expired', 'revoked'] as const;
/** Of a kill switch, from its times. */
export const SWITCH_STATUSES = ['on', 'lifted'] as const;

/** Of a webhook endpoint. */
export const ENDPOINT_STATUSES = ['enabled', 'disabled'] as const;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/** Of a delivery to an endpoint. `cancelled`: its endpoint was disabled before it got through. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'cancelled'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Ways by which people are told of something that waits for them, beside the pages. */
export const NOTICE_CHANNELS = ['email', 'slack', 'push'] as const;
export type NoticeChannel = (typeof NOTICE_CHANNELS)[number];

/**
 * Why people are told: an approval was asked for, half or nine tenths of its time is over, or a webhook was disabled; or of
 * several of these at once.
 */
export const NOTICE_STAGES = ['asked', 'half', 'late', 'disabled', 'several'] as const;
export type NoticeStage = (typeof NOTICE_STAGES)[number];

/** What became of a notice. `folded`: it is told with others, and stays so until that is sent. */
export const NOTICE_STATUSES = ['pending', 'folded', 'sent', 'failed', 'dropped'] as const;
export type NoticeStatus = (typeof NOTICE_STATUSES)[number];
