import { sql } from 'kysely';
import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { EndpointView, ListEndpointsQuery } from './schemas.ts';

function endpoints(tx: TenantTx) {
  return tx.db
    .selectFrom('webhook_endpoints as w')
    .leftJoin('webhook_queues as q', (join) =>
      join.onRef('q.tenant_id', '=', 'w.tenant_id').onRef('q.endpoint_id', '=', 'w.id'),
    )
    .where('w.tenant_id', '=', tx.tenantId)
    .select(['w.id', 'w.url', 'w.description', 'w.events', 'w.status', 'w.disabled_because', 'w.failing_since'])
    .select(['w.last_success_at', 'w.version', 'w.created_by', 'w.created_at', 'w.updated_at', 'q.pending', 'q.missed'])
    .select(
      sql<Date | null>`(select max(s.ends_at) from notify_secrets s where s.tenant_id = w.tenant_id
        and s.secret_id = w.id and s.ends_at > ${tx.at})`.as('old_secret_until'),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof endpoints>['executeTakeFirstOrThrow']>>;

function view({ pending, missed, failing_since, last_success_at, old_secret_until, ...row }: Row): EndpointView {
  return {
    ...row,
    pending: pending ?? 0,
    missed: Number(missed ?? 0),
    failing_since: failing_since?.toISOString() ?? null,
    last_success_at: last_success_at?.toISOString() ?? null,
    old_secret_until: old_secret_until?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

/** The endpoints of the workspace, without their secrets. */
export function listEndpoints(tx: TenantTx, { q, status, ...page }: ListEndpointsQuery): Promise<Page<EndpointView>> {
  let query = endpoints(tx);
  if (status !== undefined) query = query.where('w.status', '=', status);
  if (q !== undefined) query = query.where((eb) => eb.or([contains('w.url', q), contains('w.description', q)]));
  return pagedList(tx, query, 'w.id', page, view);
}

/** One endpoint, or undefined when there is none by that id here. */
export async function findEndpoint(tx: TenantTx, id: string): Promise<EndpointView | undefined> {
  const row = await endpoints(tx).where('w.id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** What an audit entry says of an endpoint: nothing of its secret, and nothing that moves with use. */
export function endpointState({ id, url, description, events, status, disabled_because }: EndpointView): object {
  return { id, url, description, events, status, disabled_because };
}
