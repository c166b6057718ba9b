import { uuidToId } from '../../kernel/ids.ts';
import { readJson } from '../../kernel/json-text.ts';
import type { Page } from '../../kernel/page.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import { pingBody, type ToldEntry, webhookBody } from './body.ts';
import type { AttemptView, DeliveryDetail, DeliveryView, ListDeliveriesQuery } from './schemas.ts';

const COLUMNS = [
  'd.id',
  'd.endpoint_id',
  'd.event_id',
  'd.event_type',
  'd.status',
  'd.attempts',
  'd.next_attempt_at',
  'd.origin_id',
  'd.created_at',
  'd.finished_at',
] as const;

function deliveries(tx: TenantTx, endpointId: string) {
  return tx.db
    .selectFrom('webhook_deliveries as d')
    .where('d.tenant_id', '=', tx.tenantId)
    .where('d.endpoint_id', '=', endpointId)
    .select(COLUMNS);
}

type Row = Awaited<ReturnType<ReturnType<typeof deliveries>['executeTakeFirstOrThrow']>>;

function view({ endpoint_id, attempts, next_attempt_at, created_at, finished_at, ...row }: Row): DeliveryView {
  return {
    ...row,
    webhook_id: endpoint_id,
    attempts: attempts as unknown as AttemptView[],
    next_attempt_at: row.status === 'pending' ? next_attempt_at.toISOString() : null,
    created_at: created_at.toISOString(),
    finished_at: finished_at?.toISOString() ?? null,
  };
}

/** The deliveries to an endpoint, with their attempts, newest first. */
export function listDeliveries(
  tx: TenantTx,
  endpointId: string,
  { status, event, ...page }: ListDeliveriesQuery,
): Promise<Page<DeliveryView>> {
  let query = deliveries(tx, endpointId);
  if (status !== undefined) query = query.where('d.status', '=', status);
  if (event !== undefined) query = query.where('d.event_type', '=', event);
  return pagedList(tx, query, 'd.id', page, view);
}

/** One delivery with what is sent; undefined when there is none by that id to this endpoint. */
export async function findDelivery(tx: TenantTx, endpointId: string, id: string): Promise<DeliveryDetail | undefined> {
  const row = await deliveries(tx, endpointId).where('d.id', '=', id).select('d.seq').executeTakeFirst();
  if (row === undefined) return undefined;
  const { seq, ...rest } = row;
  return { ...view(rest), body: await bodyOf(tx, { ...rest, seq }) };
}

/** What a delivery is: which event, to whom. */
export type Told = {
  readonly event_id: string;
  readonly endpoint_id: string;
  readonly seq: string | null;
  readonly created_at: Date;
};

/** What is sent of a delivery's event: the same bytes whenever it is asked, because entries never change. */
export async function bodyOf(tx: TenantTx, { event_id, endpoint_id, seq, created_at }: Told): Promise<string> {
  if (seq === null) return pingBody(event_id, uuidToId('org', tx.tenantId), endpoint_id, created_at);
  const row = await tx.db
    .selectFrom('audit_log as l')
    .leftJoin('approvals as a', (join) =>
      join.onRef('a.tenant_id', '=', 'l.tenant_id').onRef('a.id', '=', 'l.resource_id'),
    )
    .where('l.tenant_id', '=', tx.tenantId)
    .where('l.seq', '=', seq)
    .select(['l.entry', 'a.expires_at'])
    .executeTakeFirstOrThrow();
  const entry = readJson(row.entry) as unknown as ToldEntry;
  return webhookBody({ id: event_id, entry }, row.expires_at?.toISOString() ?? null);
}
