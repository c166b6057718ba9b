import { sql } from 'kysely';
import type { Actor } from '../kernel/actor.ts';
import { type Id, uuidToId } from '../kernel/ids.ts';
import { canonicalize, canonicalizeString as quote } from '../kernel/jcs.ts';
import type { AuditRow } from '../store/flush/rows.ts';
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
 * An event as it will be hashed into the chain of the workspace `orgId`: `entry` is its canonical (RFC 8785) text. `at`
 * is the database's time. The event must be JSON as it stands: throws TypeError for a member that is undefined or a Date.
 */
export function auditRow(orgId: Id<'org'>, at: Date, actor: Actor, event: Omit<AuditEvent, 'actor'>): AuditRow {
  const { resource, event_type, outcome } = event;
  return {
    at,
    event_type,
    actor_kind: actor.kind,
    actor_id: actor.id,
    resource_kind: resource.kind,
    resource_id: resource.id,
    outcome,
    entry: entryText(orgId, at, actor, event),
  };
}

/** The members stand in canonical order, so that only what callers bring is sorted. */
function entryText(orgId: Id<'org'>, at: Date, actor: Actor, event: Omit<AuditEvent, 'actor'>): string {
  const { resource } = event;
  let text = `{"actor":{"id":${quote(actor.id)}`;
  if (actor.ip !== undefined) text += `,"ip":${quote(actor.ip)}`;
  text += `,"kind":${quote(actor.kind)}`;
  if (actor.session !== undefined) text += `,"session":${quote(actor.session)}`;
  text += '}';
  if (event.after_state !== undefined) text += `,"after_state":${canonicalize(event.after_state)}`;
  text += `,"at":"${timeText(at)}"`;
  if (event.before_state !== undefined) text += `,"before_state":${canonicalize(event.before_state)}`;
  if (event.data !== undefined) text += `,"data":${canonicalize(event.data)}`;
  text += `,"event_type":"${event.event_type}","outcome":${quote(event.outcome)}`;
  if (event.payload_sha256 !== undefined) text += `,"payload_sha256":${quote(event.payload_sha256)}`;
  if (actor.requestId !== undefined) text += `,"request_id":${quote(actor.requestId)}`;
  text += `,"resource":{"id":${quote(resource.id)},"kind":${quote(resource.kind)}},"tenant_id":"${orgId}"`;
  return actor.traceId === undefined ? `${text}}` : `${text},"trace_id":${quote(actor.traceId)}}`;
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
  await tx.db
    .insertInto('audit_pending')
    .values({ tenant_id: tx.tenantId, ...rowOf(tx, event) })
    .execute();
}

/** The same for a change that touches many things at once: one statement, however many entries, in their order. */
export async function auditAll(tx: TenantTx, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => rowOf(tx, event));
  const column = (name: Exclude<keyof AuditRow, 'at'>) => sql`${rows.map((row) => row[name])}::text[]`;
  await sql`
    insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
    select ${tx.tenantId}::uuid, ${tx.at}::timestamptz, e.event_type, e.actor_kind, e.actor_id, e.resource_kind,
      e.resource_id, e.outcome, e.entry
    from unnest(${column('event_type')}, ${column('actor_kind')}, ${column('actor_id')}, ${column('resource_kind')},
      ${column('resource_id')}, ${column('outcome')}, ${column('entry')}) with ordinality
      as e(event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry, place)
    order by e.place`.execute(tx.db);
}

function rowOf(tx: TenantTx, event: AuditEvent): AuditRow {
  const { actor, ...rest } = jsonOf(event);
  return auditRow(uuidToId('org', tx.tenantId), tx.at, actor, rest);
}

/** The event as JSON: without members that are undefined, and with dates as text. */
function jsonOf(value: AuditEvent): AuditEvent {
  return JSON.parse(JSON.stringify(value));
}
