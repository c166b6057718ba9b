import { type SelectQueryBuilder, sql } from 'kysely';
import { z } from 'zod';
import { filters } from '../kernel/filters.ts';
import type { TenantTx } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';

const text = z.string().min(1).max(200);

/** What narrows the audit log. `event` may end in `.` to take a family, such as `approval.`. */
export const auditFilters = z.strictObject({
  event: text.optional(),
  actor: text.optional(),
  resource: text.optional(),
  tool: filters.tool,
  outcome: text.optional(),
  from: filters.from,
  to: filters.to,
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
function filtered(tx: TenantTx, asked: AuditFilters): Query {
  let query: Query = tx.db.selectFrom('audit_log').where('tenant_id', '=', tx.tenantId);
  const { event, actor, resource, tool, outcome, from, to } = asked;
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

/** How many links one question looks at, at most, where no index leads to those that were asked for. */
export const SEARCH_SPAN = 10_000;

/** A page of links, and the `seq` to go on before; undefined when there is nothing more. */
export type NewestPage = { readonly rows: readonly StoredLink[]; readonly nextBefore: number | undefined };

/**
 * One page, newest first, before `beforeSeq`. A page may hold fewer than `limit` while there is more: without an index
 * for the filters, one question looks at {@link SEARCH_SPAN} links and says where to go on.
 */
export async function readNewest(
  tx: TenantTx,
  filters: AuditFilters,
  limit: number,
  beforeSeq?: number,
): Promise<NewestPage> {
  const top = (await headSeq(tx)) + 1;
  const within = await seqsBetween(tx, filters, top);
  const before = Math.min(beforeSeq ?? top, within.before);
  const lowest = isIndexed(filters) ? within.from : Math.max(within.from, before - SEARCH_SPAN);
  const rows = await filtered(tx, filters)
    .where('seq', '<', String(before))
    .where('seq', '>=', String(lowest))
    .select(COLUMNS)
    .orderBy('seq', 'desc')
    .limit(limit + 1)
    .execute();
  if (rows.length > limit) return { rows: rows.slice(0, limit), nextBefore: Number(rows[limit - 1]!.seq) };
  return { rows, nextBefore: lowest > within.from ? lowest : undefined };
}

/** Whether an index finds what the filters ask for: entries of one resource, or of one event that is not most of the log. */
function isIndexed({ event, resource, ...others }: AuditFilters): boolean {
  if (resource !== undefined) return true;
  if (event === undefined || event.endsWith('.') || COMMON_EVENTS.has(event)) return false;
  return Object.values(others).every((value) => value === undefined);
}

/** Left out of the index of events, because they are near wherever one looks. */
const COMMON_EVENTS: ReadonlySet<string> = new Set(['execution.started', 'execution.executed']);

/** Entries that are made at the same time on different nodes may be chained in another order, but never so far apart. */
const DISORDER_MS = 60_000;

/** The part of the chain, up to `top`, that can hold what happened in the filters' time: links from `from`, before `before`. */
async function seqsBetween(
  tx: TenantTx,
  { from, to }: AuditFilters,
  top: number,
): Promise<{ readonly from: number; readonly before: number }> {
  return {
    from: from === undefined ? 1 : await firstSeqAt(tx, Date.parse(from) - DISORDER_MS, top),
    before: to === undefined ? top : await firstSeqAt(tx, Date.parse(to) + DISORDER_MS, top),
  };
}

/** The first link below `top` that was made at `ms` or later, or `top`: found by halving, since the chain has no gaps. */
async function firstSeqAt(tx: TenantTx, ms: number, top: number): Promise<number> {
  let low = 1;
  let high = top;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const link = await tx.db
      .selectFrom('audit_log')
      .select('at')
      .where('tenant_id', '=', tx.tenantId)
      .where('seq', '=', String(middle))
      .executeTakeFirst();
    // A link that is missing is for `verify` to find; here it only must not end the search.
    if (link !== undefined && link.at.getTime() >= ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** One page, oldest first, after `afterSeq`: for verification and the live stream. */
export function readOnward(tx: TenantTx, limit: number, afterSeq: number): Promise<StoredLink[]> {
  return filtered(tx, {}).where('seq', '>', String(afterSeq)).select(COLUMNS).orderBy('seq').limit(limit).execute();
}

/** What the filters leave of the links after `afterSeq`, up to `lastSeq`, oldest first: for exports. */
export function readSpan(
  tx: TenantTx,
  filters: AuditFilters,
  afterSeq: number,
  lastSeq: number,
): Promise<StoredLink[]> {
  return filtered(tx, filters)
    .where('seq', '>', String(afterSeq))
    .where('seq', '<=', String(lastSeq))
    .select(COLUMNS)
    .orderBy('seq')
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
    entry: JSON.parse(row.entry),
  };
}
