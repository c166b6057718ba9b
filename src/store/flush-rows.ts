import type { Policy, Step } from '../kernel/codes.ts';
import type { Columns } from './binary-rows.ts';
import type { ExecutionStatus, PrincipalKind } from './tables.ts';

/** The rows that `gateway_flush` commits, as migrations/0003_gateway.sql and 0005_lean_flush.sql declare them. */

export type CallRow = {
  readonly id: string;
  /** The facts_version the decision was made on. */
  readonly version: number;
  /** When the decision's credential ends; null for one without an end. */
  readonly not_after: Date | null;
  readonly status: ExecutionStatus;
  readonly principal_kind: PrincipalKind;
  readonly principal_id: string;
  readonly token_id: string | null;
  readonly tool_id: string | null;
  readonly tool_name: string;
  readonly effect: string | null;
  readonly policy: Policy | null;
  readonly arguments: string | null;
  readonly payload_sha256?: string;
  readonly step?: Step;
  readonly code?: string;
  readonly detail?: string;
  readonly approval_id?: string | null;
  readonly idempotency_key?: string | null;
  readonly request_sha256?: string | null;
  readonly timeout_ms?: number;
};

/** What a held call's approval says beside what its call says. */
export type HoldRow = {
  readonly policy_rule: string | null;
  readonly envelope: string;
  readonly definition_sha256: string;
  readonly requester_user_ids: readonly string[];
  readonly approver_user_ids: readonly string[];
  readonly execute_on_approval: boolean;
  readonly expires_at: Date;
};

export type ResumeRow = {
  readonly version: number;
  readonly not_after: Date | null;
  readonly approval_id: string;
  readonly execution_id: string;
  readonly payload_sha256: string;
  readonly timeout_ms: number;
};

export type OutcomeRow = {
  readonly id: string;
  readonly status: ExecutionStatus;
  readonly step: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly result: string | null;
  readonly error: string | null;
};

/** A row of `audit_pending`. */
export type AuditRow = {
  readonly at: Date;
  readonly event_type: string;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly resource_kind: string;
  readonly resource_id: string;
  readonly outcome: string;
  readonly entry: string;
};

/** One write and the audit entries that are committed with it. */
export type Write = { readonly audits: readonly AuditRow[] } & (
  | { readonly kind: 'call'; readonly row: CallRow; readonly hold?: HoldRow }
  | { readonly kind: 'resume'; readonly row: ResumeRow }
  | { readonly kind: 'outcome'; readonly row: OutcomeRow }
);

const text = (...names: string[]): Columns => names.map((name) => [name, 'text'] as const);
const int4 = (...names: string[]): Columns => names.map((name) => [name, 'int4'] as const);

export const FLUSH_TYPES = {
  gateway_batch: [
    ['tenant', 'uuid'],
    ...int4('calls_from', 'calls_to', 'holds_from', 'holds_to', 'resumes_from', 'resumes_to', 'outcomes_from'),
    ...int4('outcomes_to', 'audits_from', 'audits_to'),
  ],
  gateway_call: [
    ['ord', 'int4'],
    ['id', 'text'],
    ['version', 'int8'],
    ['not_after', 'timestamptz'],
    ...text('status', 'principal_kind', 'principal_id', 'token_id', 'tool_id', 'tool_name', 'effect', 'policy'),
    ...text('arguments', 'payload_sha256', 'step', 'code', 'detail', 'approval_id', 'idempotency_key'),
    ['request_sha256', 'text'],
    ['timeout_ms', 'int4'],
  ],
  gateway_hold: [
    ['ord', 'int4'],
    ...text('policy_rule', 'envelope', 'definition_sha256'),
    ['requester_user_ids', 'text[]'],
    ['approver_user_ids', 'text[]'],
    ['execute_on_approval', 'bool'],
    ['expires_at', 'timestamptz'],
  ],
  gateway_resume: [
    ['ord', 'int4'],
    ['version', 'int8'],
    ['not_after', 'timestamptz'],
    ...text('approval_id', 'execution_id', 'payload_sha256'),
    ['timeout_ms', 'int4'],
  ],
  gateway_outcome: [['ord', 'int4'], ...text('id', 'status', 'step', 'code', 'detail', 'result', 'error')],
  gateway_audit: [
    ['ord', 'int4'],
    ['at', 'timestamptz'],
    ...text('event_type', 'actor_kind', 'actor_id', 'resource_kind', 'resource_id', 'outcome', 'entry'),
  ],
} as const satisfies Record<string, Columns>;

export type FlushType = keyof typeof FLUSH_TYPES;
