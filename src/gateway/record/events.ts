import type { Policy } from '../../kernel/codes.ts';
import type { About } from '../../kernel/runs.ts';
import { type AuditEvent, auditRow } from '../../ledger/audit.ts';
import type { CommonColumns, EventRow } from '../../store/flush/rows.ts';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';

/** Something that happened to a call. Who made the call is the actor. */
export type Event = Omit<AuditEvent, 'actor'>;

/** What an event records beside its entry. */
type Recorded = {
  readonly [column in 'approval_id' | 'step' | 'code' | 'detail' | 'body']?: EventRow[column] | undefined;
} & { readonly about?: About };

/** The event of a call as a row, with its entry of the audit log. */
export function eventRow(
  call: Call,
  { orgId, principal }: Facts,
  at: Date,
  event: Event,
  common: CommonColumns,
  { approval_id = null, step = null, code = null, detail = null, body = null, about = NOTHING }: Recorded = {},
): EventRow {
  const { ip, requestId, traceId } = call;
  const actor = { kind: principal.kind, id: principal.id, ip, requestId, traceId };
  const { resource, payload_sha256 = null } = event;
  const { entry } = auditRow(orgId, at, actor, event);
  const request_id = requestId ?? null;
  return {
    common,
    at,
    resource_id: resource.id,
    entry,
    payload_sha256,
    approval_id,
    request_id,
    step,
    code,
    detail,
    body,
    run_id: about.runId,
    on_behalf_of: about.onBehalfOf,
  };
}

const NOTHING: About = {};

type Always = Pick<
  Extract<CommonColumns, { records: 'outcome' }>,
  'tenant' | 'event_type' | 'outcome' | 'actor_kind' | 'actor_id' | 'resource_kind'
>;

/** What every event of a call says of where it is, what it is about, and who made the call. */
export function commonOf({ tenantId, principal }: Facts, { event_type, outcome, resource }: Event): Always {
  return {
    tenant: tenantId,
    event_type,
    outcome,
    actor_kind: principal.kind,
    actor_id: principal.id,
    resource_kind: resource.kind,
  };
}

const remembered = new WeakMap<Facts, Map<string, CommonColumns>>();

/**
 * What all calls under the same facts, the same policy and the same door have in common when this event happens to them;
 * `make` is asked once.
 */
export function sharedBy(
  facts: Facts,
  event: Event,
  { via }: Call,
  policy: Policy | null,
  make: (always: Always) => CommonColumns,
): CommonColumns {
  let events = remembered.get(facts);
  if (events === undefined) {
    events = new Map();
    remembered.set(facts, events);
  }
  const key = `${event.event_type} ${policy} ${via}`;
  let common = events.get(key);
  if (common === undefined) {
    common = make(commonOf(facts, event));
    events.set(key, common);
  }
  return common;
}
