import type { Policy, Step } from '../../kernel/codes.ts';
import type { Via } from '../../kernel/doors.ts';
import type { PrincipalKind } from '../tables.ts';
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
 * Something that happened to a call: its entry of the audit log, and what is recorded of it in the list of calls. `body`
 * is what went out or what came back, as JSON text.
 */
export type EventRow = {
  readonly common: CommonColumns;
  readonly at: Date;
  readonly resource_id: string;
  readonly entry: string;
  readonly payload_sha256: string | null;
  readonly approval_id: string | null;
  readonly request_id: string | null;
  readonly step: Step | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly body: Text | null;
  /** Of a call that begins, waits or is refused: the run it belongs to, and whom it is made for. */
  readonly run_id?: string | undefined;
  readonly on_behalf_of?: string | undefined;
};

/** What a decision was made on: the facts' version, and when its credential ends (null for one without an end). */
export type Grounds = { readonly version: number; readonly not_after: Date | null };

/** What many events have in common. It is encoded once for as long as somebody holds the object. */
export type CommonColumns = {
  readonly tenant: string;
  readonly event_type: string;
  /** Of the entry. Of a call that begins, waits or ends it is the call's state as well. */
  readonly outcome: string;
  readonly actor_kind: PrincipalKind;
  readonly actor_id: string;
  readonly resource_kind: string;
} & (
  | { readonly records: 'outcome' }
  | ({ readonly records: 'nothing' | 'end' } & Grounds)
  | ({ readonly records: 'start'; readonly timeout_ms: number } & Grounds)
  | ({ readonly records: 'call' } & CallColumns)
  | ({ readonly records: 'draft' } & CallColumns)
);

type CallColumns = {
  readonly timeout_ms: number | null;
  readonly token_id: string | null;
  readonly tool_id: string | null;
  readonly tool_name: string;
  readonly effect: string | null;
  readonly policy: Policy | null;
  readonly via: Via;
} & Grounds;

/** What a write needs that only its workspace's own rows can tell, besides the grounds of its decision. */
export type Requires = {
  readonly principal_id: string;
  readonly execution_id: string;
  /** This sign-in has not ended. */
  readonly session_id?: string;
  /** Nobody has used this Idempotency-Key before. */
  readonly idempotency?: { readonly key: string; readonly request_sha256: string };
  /** This approval is still there, and is used or ended by this write. */
  readonly approval?: {
    readonly id: string;
    readonly payload_sha256: string;
    readonly becomes: 'consumed' | 'cancelled';
  };
  /** This draft is made; or, with the version that was seen, is still open and is published by this write. */
  readonly draft?: { readonly id: string; readonly version?: number };
  /** What a new draft says of its payload in lists. */
  readonly said?: InLists & { readonly justification: string | null };
  /** Labels on runs: whose the decision was made on, which those were, and which go on which runs with the write. */
  readonly run?: {
    readonly read?: readonly string[];
    readonly seen?: readonly string[];
    readonly write?: readonly string[];
    readonly labels?: readonly string[];
  };
  /** People are asked to decide: what the new approval says beside what its call says. */
  readonly hold?: {
    readonly policy_rule: string | null;
    readonly policy_fault: string | null;
    readonly justification: string | null;
    readonly envelope: Text;
    readonly definition_sha256: string;
    readonly requester_user_ids: readonly string[];
    readonly execute_on_approval: boolean;
    readonly expires_at: Date;
  } & InLists;
};

/** For lists: what a call would do in one line, who it concerns and how much, as JSON text. */
export type InLists = { readonly summary: string; readonly subject: string; readonly suspicious: boolean };

/** One durable statement about a call: everything in it is written, or nothing. */
export type Write = {
  readonly tenantId: string;
  readonly events: readonly EventRow[];
  readonly requires?: Requires;
};

/**
 * Whether a write must be entered at once under its workspace's row level security, rather than be appended to the queue,
 * from which the sequencer takes it.
 */
export function mustBeEntered({ events, requires }: Write): boolean {
  return requires !== undefined || events.length !== 1;
}

/** What became of a write. What is refused says why: which call has the key, in which state the approval is. */
export type Written =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'stale' }
  | { readonly ok: false; readonly why: 'duplicate'; readonly executionId: string }
  | { readonly ok: false; readonly why: 'lost'; readonly status: string }
  /** The draft was edited, published or discarded meanwhile; or the workspace has no room for another. */
  | { readonly ok: false; readonly why: 'draft'; readonly found: 'moved' | 'full' };

const text = (...names: string[]): Columns => names.map((name) => [name, 'text'] as const);
const texts = (...names: string[]): Columns => names.map((name) => [name, 'text[]'] as const);
const int4 = (...names: string[]): Columns => names.map((name) => [name, 'int4'] as const);

export const FLUSH_TYPES = {
  gateway_common: [
    ['tenant', 'uuid'],
    ...text('records', 'event_type', 'outcome', 'actor_kind', 'actor_id', 'resource_kind'),
    ['version', 'int8'],
    ['not_after', 'timestamptz'],
    ['timeout_ms', 'int4'],
    ...text('token_id', 'tool_id', 'tool_name', 'effect', 'policy', 'via'),
  ],
  gateway_event: [
    ['write', 'place'],
    ['common', 'common'],
    ['at', 'timestamptz'],
    ...text('resource_id', 'entry', 'payload_sha256', 'approval_id', 'request_id', 'step', 'code', 'detail', 'body'),
    ...text('run_id', 'on_behalf_of'),
  ],
  gateway_batch: [['tenant', 'uuid'], ...int4('events_from', 'events_to', 'needs_from', 'needs_to')],
  gateway_need: [
    ['write', 'place'],
    ...text(
      'principal_id',
      'execution_id',
      'session_id',
      'idempotency_key',
      'request_sha256',
      'approval_id',
      'approval_becomes',
    ),
    ...text('payload_sha256', 'policy_rule', 'envelope', 'definition_sha256'),
    ['requester_user_ids', 'text[]'],
    ['execute_on_approval', 'bool'],
    ['expires_at', 'timestamptz'],
    ...text('summary', 'subject'),
    ['suspicious', 'bool'],
    ...text('policy_fault', 'justification'),
    ...texts('run_read', 'run_seen', 'run_write', 'run_labels'),
    ['draft_id', 'text'],
    ['draft_version', 'int4'],
  ],
} as const satisfies Record<string, Columns>;

export type FlushType = keyof typeof FLUSH_TYPES;
