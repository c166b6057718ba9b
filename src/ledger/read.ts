import { type SelectQueryBuilder, sql } from 'kysely';
import { z } from 'zod';
import { readJson } from '../kernel/json-text.ts';
import type { TenantTx } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';

const at = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-05-20T19:30:00Z' });
const text = z.string().min(1).max(200);

/** What narrows the audit log. `event` may end in `.` to take a family, such as `approval.`. */
export const auditFilters = z.strictObject({
  event: text.optional(),
  actor: text.optional(),
  resource: text.optional(),
  tool: text.optional(),
  outcome: text.optional(),
  from: at.optional(),
  to: at.optional(),
});
export type AuditFilters = z.infer<typeof auditFilters>;

/** A link of the chain as the API shows it: hashes in hex, the entry parsed from the bytes that are hashed. */
export type AuditLink = {
  readonly seq: number;
  readonly prev_hash: string;
  readonly hash: string;
  readonly entry: unknown;
};

type Query = SelectQueryBuilder<Tables, 'audit_log', object>;

/** The workspace's log narrowed by the filters. */
function filtered(tx: TenantTx, filters: AuditFilters): Query {
  let query: Query = tx.db.selectFrom('audit_log').where('tenant_id', '=', tx.tenantId);
  const { event, actor, resource, tool, outcome, from, to } = filters;
  if (event?.endsWith('.')) query = query.where(sql<boolean>`starts_with(event_type, ${event})`);
  else if (event !== undefined) query = query.where('event_type', '=', event);
  if (actor !== undefined) query = query.where('actor_id', '=', actor);
  if (resource !== undefined) query = query.where('resource_id', '=', resource);
  if (tool !== undefined) query = query.where(sql<boolean>`strpos(entry, ${`"tool":${JSON.stringify(tool)}`}) > 0`);
  if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (from !== undefined) query = query.where('at', '>=', new Date(from));
  if (to !== undefined) query = query.where('at', '<', new Date(to));
  return query;
}

export type StoredLink = Pick<
  import('kysely').Selectable<Tables['audit_log']>,
  | 'seq'
  | 'prev_hash'
  | 'hash'
  | 'entry'
  | 'at'
  | 'event_type'
  | 'actor_kind'
  | 'actor_id'
  | 'resource_kind'
  | 'resource_id'
  | 'outcome'
>;

const COLUMNS = [
  'seq',
  'prev_hash',
  'hash',
  'entry',
  'at',
  'event_type',
  'actor_kind',
  'actor_id',
  'resource_kind',
  'resource_id',
  'outcome',
] as const;

/** One page, newest first, before `beforeSeq`. */
export function readNewest(
  tx: TenantTx,
  filters: AuditFilters,
  limit: number,
  beforeSeq?: number,
): Promise<StoredLink[]> {
  let query = filtered(tx, filters);
  if (beforeSeq !== undefined) query = query.where('seq', '<', String(beforeSeq));
  return query.select(COLUMNS).orderBy('seq', 'desc').limit(limit).execute();
}

/** One page, oldest first, after `afterSeq`: for verification, export and the live stream. */
export function readOnward(
  tx: TenantTx,
  filters: AuditFilters,
  limit: number,
  afterSeq: number,
): Promise<StoredLink[]> {
  return filtered(tx, filters)
    .where('seq', '>', String(afterSeq))
    .select(COLUMNS)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** How far the workspace's chain goes. */
export async function headSeq(tx: TenantTx): Promise<number> {
  const row = await tx.db
    .selectFrom('audit_log')
    .select('seq')
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}

export function toLink(row: StoredLink): AuditLink {
  return {
    seq: Number(row.seq),
    prev_hash: row.prev_hash.toString('hex'),
    hash: row.hash.toString('hex'),
    entry: readJson(row.entry),
  };
}
