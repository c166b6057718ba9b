import type { Policy, Step } from '../../kernel/codes.ts';
import type { ExecutionStatus, PrincipalKind } from '../tables.ts';
import type { Columns, Text } from './binary-rows.ts';

/** The rows that a flush commits, as schema/tables/0006_gateway_queue.sql declares them. */

/** An entry of the audit log, before the sequencer makes it a link of a chain. */
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

/**
 * What happened to a call: its entry of the audit log, and what the sequencer records of it in the list of calls. `body`
 * is what went out or what came back, as JSON text.
 */
export type EventRow = {
  readonly common: CommonColumns;
  readonly at: Date;
  readonly resource_id: string;
  readonly entry: string;
  readonly payload_sha256: string | null;
  readonly approval_id: string | null;
  readonly step: Step | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly body: Text | null;
};

/** What many events have in common. It is encoded once for as long as somebody holds the object. */
export type CommonColumns = {
  readonly tenant: string;
  readonly event_type: string;
  readonly outcome: string;
  readonly actor_kind: PrincipalKind;
  readonly actor_id: string;
} & (
  | { readonly records: 'outcome' }
  | ({ readonly records: 'call'; readonly timeout_ms: number | null } & Pick<
      CallRow,
      'version' | 'not_after' | 'token_id' | 'tool_id' | 'tool_name' | 'effect' | 'policy'
    >)
);

/** A call that must be in the list of calls at once. */
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
  readonly arguments: Text;
  readonly payload_sha256?: string;
  readonly approval_id?: string | null;
  readonly idempotency_key?: string | null;
  readonly request_sha256?: string | null;
  readonly timeout_ms?: number;
};

/** What a held call's approval says beside what its call says. */
export type HoldRow = {
  readonly policy_rule: string | null;
  readonly envelope: Text;
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

/** One write, with the audit entries that are committed with it. */
export type Write =
  | { readonly kind: 'event'; readonly row: EventRow }
  | { readonly kind: 'call'; readonly row: CallRow; readonly hold?: HoldRow; readonly audits: readonly AuditRow[] }
  | { readonly kind: 'resume'; readonly row: ResumeRow; readonly audits: readonly AuditRow[] };

const text = (...names: string[]): Columns => names.map((name) => [name, 'text'] as const);
const int4 = (...names: string[]): Columns => names.map((name) => [name, 'int4'] as const);

export const FLUSH_TYPES = {
  gateway_common: [
    ['tenant', 'uuid'],
    ...text('records', 'event_type', 'outcome', 'actor_kind', 'actor_id'),
    ['version', 'int8'],
    ['not_after', 'timestamptz'],
    ['timeout_ms', 'int4'],
    ...text('token_id', 'tool_id', 'tool_name', 'effect', 'policy'),
  ],
  gateway_event: [
    ['common', 'place'],
    ['at', 'timestamptz'],
    ...text('resource_id', 'entry', 'payload_sha256', 'approval_id', 'step', 'code', 'detail', 'body'),
  ],
  gateway_batch: [
    ['tenant', 'uuid'],
    ...int4(
      'calls_from',
      'calls_to',
      'holds_from',
      'holds_to',
      'resumes_from',
      'resumes_to',
      'audits_from',
      'audits_to',
    ),
  ],
  gateway_call: [
    ['ord', 'place'],
    ['id', 'text'],
    ['version', 'int8'],
    ['not_after', 'timestamptz'],
    ...text('status', 'principal_kind', 'principal_id', 'token_id', 'tool_id', 'tool_name', 'effect', 'policy'),
    ...text('arguments', 'payload_sha256', 'approval_id', 'idempotency_key'),
    ['request_sha256', 'text'],
    ['timeout_ms', 'int4'],
  ],
  gateway_hold: [
    ['ord', 'place'],
    ...text('policy_rule', 'envelope', 'definition_sha256'),
    ['requester_user_ids', 'text[]'],
    ['approver_user_ids', 'text[]'],
    ['execute_on_approval', 'bool'],
    ['expires_at', 'timestamptz'],
  ],
  gateway_resume: [
    ['ord', 'place'],
    ['version', 'int8'],
    ['not_after', 'timestamptz'],
    ...text('approval_id', 'execution_id', 'payload_sha256'),
    ['timeout_ms', 'int4'],
  ],
  gateway_audit: [
    ['ord', 'place'],
    ['at', 'timestamptz'],
    ...text('event_type', 'actor_kind', 'actor_id', 'resource_kind', 'resource_id', 'outcome', 'entry'),
  ],
} as const satisfies Record<string, Columns>;

export type FlushType = keyof typeof FLUSH_TYPES;
