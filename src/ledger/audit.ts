import type { Actor } from '../kernel/actor.ts';
import { uuidToId } from '../kernel/ids.ts';
import { canonicalize } from '../kernel/jcs.ts';
import type { AuditRow } from '../store/flush-rows.ts';
import type { TenantTx } from '../store/store.ts';
import type { EventType } from './events.ts';

/** One thing that happened, before it is a link of the chain. Holds ids, hashes and states: no secret, no token. */
export type AuditEvent = {
  readonly event_type: EventType;
  readonly actor: Actor;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly payload_sha256?: string;
  /** Configuration changes carry what was there before and what is there now. */
  readonly before_state?: unknown;
  readonly after_state?: unknown;
  readonly data?: Record<string, unknown>;
};

/**
 * The canonical (RFC 8785) bytes of an entry, as they will be hashed into the chain. `at` is the database's time.
 * The event must be JSON as it stands: throws TypeError for a member that is undefined or a Date.
 */
export function auditRow(tenantId: string, at: Date, event: AuditEvent): AuditRow {
  const entry = canonicalize({ tenant_id: uuidToId('org', tenantId), at: at.toISOString(), ...event });
  return {
    at,
    event_type: event.event_type,
    actor_kind: event.actor.kind,
    actor_id: event.actor.id,
    resource_kind: event.resource.kind,
    resource_id: event.resource.id,
    outcome: event.outcome,
    entry,
  };
}

/** Appends the entry in the transaction of the change it tells of: both are committed, or neither. */
export async function audit(tx: TenantTx, event: AuditEvent): Promise<void> {
  await tx.db
    .insertInto('audit_pending')
    .values({ tenant_id: tx.tenantId, ...auditRow(tx.tenantId, tx.at, jsonOf(event)) })
    .execute();
}

/** The event as JSON: without members that are undefined, and with dates as text. */
function jsonOf(value: AuditEvent): AuditEvent {
  return JSON.parse(JSON.stringify(value));
}
