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
export function auditRow(tenantId: string, at: Date, actor: Actor, event: Omit<AuditEvent, 'actor'>): AuditRow {
  const { resource, event_type, outcome, payload_sha256, before_state, after_state, data } = event;
  // In canonical order already, so that only what callers bring has to be sorted.
  const entry = canonicalize({
    actor: {
      id: actor.id,
      ...(actor.ip !== undefined && { ip: actor.ip }),
      kind: actor.kind,
      ...(actor.session !== undefined && { session: actor.session }),
    },
    ...(after_state !== undefined && { after_state }),
    at: at.toISOString(),
    ...(before_state !== undefined && { before_state }),
    ...(data !== undefined && { data }),
    event_type,
    outcome,
    ...(payload_sha256 !== undefined && { payload_sha256 }),
    resource: { id: resource.id, kind: resource.kind },
    tenant_id: uuidToId('org', tenantId),
  });
  return {
    at,
    event_type,
    actor_kind: actor.kind,
    actor_id: actor.id,
    resource_kind: resource.kind,
    resource_id: resource.id,
    outcome,
    entry,
  };
}

/** Appends the entry in the transaction of the change it tells of: both are committed, or neither. */
export async function audit(tx: TenantTx, event: AuditEvent): Promise<void> {
  const { actor, ...rest } = jsonOf(event);
  await tx.db
    .insertInto('audit_pending')
    .values({ tenant_id: tx.tenantId, ...auditRow(tx.tenantId, tx.at, actor, rest) })
    .execute();
}

/** The event as JSON: without members that are undefined, and with dates as text. */
function jsonOf(value: AuditEvent): AuditEvent {
  return JSON.parse(JSON.stringify(value));
}
