import type { Step } from '../kernel/codes.ts';
import { type AuditEvent, auditRow } from '../ledger/audit.ts';
import type { AuditRow, PayloadRow, SharedColumns } from '../store/flush-rows.ts';
import type { Store } from '../store/store.ts';
import type { WriteResult } from '../store/write-combiner.ts';
import type { Call, Facts } from './call.ts';

/** Something that happened to a call. Who made the call is the actor. */
export type Event = Omit<AuditEvent, 'actor'>;

/** The event as an entry of the audit log. */
export function audited(store: Store, call: Call, facts: Facts, event: Event): AuditRow {
  const { principal } = facts;
  const actor = call.ip === undefined ? principal : { kind: principal.kind, id: principal.id, ip: call.ip };
  return auditRow(facts.orgId, store.clock.now(), actor, event);
}

type Common = Omit<Extract<SharedColumns, { records: 'outcome' }>, 'records'>;

/** What every entry about a call says of where it is, what it is about, and who made it. */
export function commonOf({ tenantId, principal }: Facts, { event_type, outcome }: Event): Common {
  return { tenant: tenantId, event_type, outcome, actor_kind: principal.kind, actor_id: principal.id };
}

const remembered = new WeakMap<Facts, Map<string, SharedColumns>>();

/** What all calls under the same facts have in common when this event happens to them; `make` is asked once. */
export function sharedBy(facts: Facts, event: Event, make: (common: Common) => SharedColumns): SharedColumns {
  let events = remembered.get(facts);
  if (events === undefined) {
    events = new Map();
    remembered.set(facts, events);
  }
  let shared = events.get(event.event_type);
  if (shared === undefined) {
    shared = make(commonOf(facts, event));
    events.set(event.event_type, shared);
  }
  return shared;
}

export type Payload = Pick<PayloadRow, 'part' | 'body'>;

/** Queues an event of a call with what it records of the call, and resolves when both are durable. */
export function queue(
  store: Store,
  call: Call,
  facts: Facts,
  event: Event,
  shared: SharedColumns,
  said: { readonly step?: Step; readonly code?: string; readonly detail?: string; readonly approvalId?: string },
  payload: Payload | undefined,
): Promise<WriteResult> {
  const { at, resource_id, entry } = audited(store, call, facts, event);
  return store.write(facts.tenantId, {
    kind: 'entry',
    row: {
      shared,
      at,
      resource_id,
      entry,
      payload_sha256: event.payload_sha256 ?? null,
      approval_id: said.approvalId ?? null,
      step: said.step ?? null,
      code: said.code ?? null,
      detail: said.detail ?? null,
    },
    payload: payload && { tenant: facts.tenantId, execution_id: resource_id, part: payload.part, body: payload.body },
  });
}
