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
  const { resource, event_type, outcome } = event;
  return {
    at,
    event_type,
    actor_kind: actor.kind,
    actor_id: actor.id,
    resource_kind: resource.kind,
    resource_id: resource.id,
    outcome,
    entry: canonicalize(entryOf(tenantId, at, actor, event)),
  };
}

/** The members in canonical order already, so that only what callers bring is sorted. */
function entryOf(tenantId: string, at: Date, actor: Actor, event: Omit<AuditEvent, 'actor'>): Record<string, unknown> {
  const by: Record<string, unknown> = { id: actor.id };
  if (actor.ip !== undefined) by.ip = actor.ip;
  by.kind = actor.kind;
  if (actor.session !== undefined) by.session = actor.session;

  const entry: Record<string, unknown> = { actor: by };
  if (event.after_state !== undefined) entry.after_state = event.after_state;
  entry.at = timeText(at);
  if (event.before_state !== undefined) entry.before_state = event.before_state;
  if (event.data !== undefined) entry.data = event.data;
  entry.event_type = event.event_type;
  entry.outcome = event.outcome;
  if (event.payload_sha256 !== undefined) entry.payload_sha256 = event.payload_sha256;
  entry.resource = { id: event.resource.id, kind: event.resource.kind };
  entry.tenant_id = uuidToId('org', tenantId);
  return entry;
}

let lastTime = { ms: Number.NaN, text: '' };

/** A loaded gate writes many entries in one millisecond. */
function timeText(at: Date): string {
  const ms = at.getTime();
  if (ms !== lastTime.ms) lastTime = { ms, text: at.toISOString() };
  return lastTime.text;
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
