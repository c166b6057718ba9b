import { type AuditEvent, auditRow } from '../ledger/audit.ts';
import type { WriteResult } from '../store/flush/combiner.ts';
import type { AuditRow, CommonColumns, EventRow } from '../store/flush/rows.ts';
import type { Store } from '../store/store.ts';
import type { Call, Facts } from './call.ts';

/** Something that happened to a call. Who made the call is the actor. */
export type Event = Omit<AuditEvent, 'actor'>;

/** The event as an entry of the audit log. */
export function audited(store: Store, call: Call, facts: Facts, event: Event): AuditRow {
  const { principal } = facts;
  const actor = call.ip === undefined ? principal : { kind: principal.kind, id: principal.id, ip: call.ip };
  return auditRow(facts.orgId, store.clock.now(), actor, event);
}

type Always = Omit<Extract<CommonColumns, { records: 'outcome' }>, 'records'>;

/** What every event of a call says of where it is, what it is about, and who made the call. */
export function commonOf({ tenantId, principal }: Facts, { event_type, outcome }: Event): Always {
  return { tenant: tenantId, event_type, outcome, actor_kind: principal.kind, actor_id: principal.id };
}

const remembered = new WeakMap<Facts, Map<string, CommonColumns>>();

/** What all calls under the same facts have in common when this event happens to them; `make` is asked once. */
export function sharedBy(facts: Facts, event: Event, make: (always: Always) => CommonColumns): CommonColumns {
  let events = remembered.get(facts);
  if (events === undefined) {
    events = new Map();
    remembered.set(facts, events);
  }
  let common = events.get(event.event_type);
  if (common === undefined) {
    common = make(commonOf(facts, event));
    events.set(event.event_type, common);
  }
  return common;
}

type Said = { readonly [column in 'step' | 'code' | 'detail' | 'body']?: EventRow[column] | undefined } & {
  readonly approvalId?: string | null | undefined;
};

/** Queues an event of a call with what it records of the call, and resolves when both are durable. */
export function queue(
  store: Store,
  call: Call,
  facts: Facts,
  event: Event,
  common: CommonColumns,
  said: Said,
): Promise<WriteResult> {
  return queueEntry(store, audited(store, call, facts, event), event.payload_sha256 ?? null, common, said);
}

/** {@link queue} for an entry that is at hand, whoever made it. */
export function queueEntry(
  store: Store,
  { at, resource_id, entry }: AuditRow,
  payload_sha256: string | null,
  common: CommonColumns,
  { approvalId = null, step = null, code = null, detail = null, body = null }: Said,
): Promise<WriteResult> {
  return store.write(common.tenant, {
    kind: 'event',
    row: { common, at, resource_id, entry, payload_sha256, approval_id: approvalId, step, code, detail, body },
  });
}
