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

export const CLIENT_STATUSES = ['active', 'revoked'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

export const CONNECTOR_STATUSES = ['authorized', 'revoked'] as const;
export type ConnectorStatus = (typeof CONNECTOR_STATUSES)[number];

export const TOOL_STATUSES = ['active', 'archived'] as const;
export type ToolStatus = (typeof TOOL_STATUSES)[number];

/** Of a token, from its times. */
export const TOKEN_STATUSES = ['active', 'expired', 'revoked'] as const;
/** Of a kill switch, from its times. */
export const SWITCH_STATUSES = ['on', 'lifted'] as const;
