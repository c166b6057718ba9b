import type { Id } from '../../kernel/ids.ts';
import { canonicalize } from '../../kernel/jcs.ts';

/** An audit entry, as far as it is told outside. */
export type ToldEntry = {
  readonly at: string;
  readonly tenant_id: string;
  readonly event_type: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly resource: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly payload_sha256?: string;
  readonly data?: Readonly<Record<string, unknown>>;
};

export type Event = { readonly id: string; readonly entry: ToldEntry };

/**
 * Members of an entry's data that leave the installation: ids, states and counts. What is not named here stays inside:
 * no arguments, no reasons that people wrote, no addresses, no configuration.
 */
const TOLD = [
  'approval_id',
  'execution_id',
  'tool',
  'effect',
  'policy',
  'via',
  'step',
  'code',
  'expires_at',
  'approver_user_id',
  'votes',
  'votes_needed',
  'channel',
  'stage',
  'user_ids',
  'count',
  'first_at',
  'last_at',
] as const;

/**
 * What an endpoint is sent of an event: the same bytes at every attempt, and when it is sent again. `expiresAt` is the
 * approval's, where the event is one of an approval.
 */
export function webhookBody({ id, entry }: Event, expiresAt: string | null): string {
  return canonicalize({
    event_id: id,
    event_type: entry.event_type,
    created_at: entry.at,
    tenant_id: entry.tenant_id,
    data: entry.resource.kind === 'approval' ? approvalData(entry, expiresAt) : dataOf(entry),
  });
}

/** What a receiver is asked by `ping`. */
export function pingBody(eventId: string, orgId: Id<'org'>, endpointId: string, at: Date): string {
  return canonicalize({
    event_id: eventId,
    event_type: 'webhook.ping',
    created_at: at.toISOString(),
    tenant_id: orgId,
    data: { webhook_id: endpointId },
  });
}

function approvalData(entry: ToldEntry, expiresAt: string | null): Record<string, unknown> {
  const { resource, payload_sha256 = null, data = {} } = entry;
  return {
    ...dataOf(entry),
    approval_id: resource.id,
    payload_sha256,
    approver_user_id: data.approver_user_id ?? null,
    policy: data.policy ?? null,
    tool: data.tool ?? null,
    expires_at: data.expires_at ?? expiresAt,
  };
}

function dataOf({ actor, resource, outcome, payload_sha256, data = {} }: ToldEntry): Record<string, unknown> {
  const told = TOLD.filter((name) => data[name] !== undefined).map((name) => [name, data[name]]);
  return {
    ...Object.fromEntries(told),
    actor: { kind: actor.kind, id: actor.id },
    [`${resource.kind}_id`]: resource.id,
    outcome,
    ...(payload_sha256 !== undefined && { payload_sha256 }),
  };
}
