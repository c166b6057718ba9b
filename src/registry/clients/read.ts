import { sql } from 'kysely';
import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { ClientView, ListClientsQuery } from './schemas.ts';

function clients(tx: TenantTx) {
  return tx.db
    .selectFrom('integration_clients as c')
    .where('c.tenant_id', '=', tx.tenantId)
    .select(['c.id', 'c.name', 'c.description', 'c.draft_only', 'c.rpm_limit', 'c.owner_user_id', 'c.status'])
    .select(['c.trusted_run_ids', 'c.created_at', 'c.updated_at', 'c.revoked_at', 'c.version'])
    .select(
      sql<Date | null>`(select max(t.last_used_at) from client_tokens t
        where t.tenant_id = c.tenant_id and t.client_id = c.id)`.as('last_used_at'),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof clients>['executeTakeFirstOrThrow']>>;

function view({ last_used_at, created_at, updated_at, revoked_at, version, ...row }: Row): ClientView {
  return {
    ...row,
    last_used_at: last_used_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    revoked_at: revoked_at?.toISOString() ?? null,
    version,
  };
}

/** The integration clients of the workspace. */
export async function listClients(tx: TenantTx, { status, q, ...page }: ListClientsQuery): Promise<Page<ClientView>> {
  let query = clients(tx);
  if (status !== undefined) query = query.where('c.status', '=', status);
  if (q !== undefined) query = query.where(contains('c.name', q));
  return pagedList(tx, query, 'c.id', page, view);
}

/** One client, or undefined when there is none by that id here. */
export async function findClient(tx: TenantTx, id: string): Promise<ClientView | undefined> {
  const row = await clients(tx).where('c.id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** What an audit entry says of a client's configuration: all of it, and nothing that merely moves with use. */
export function clientState({
  last_used_at: _,
  updated_at: __,
  ...state
}: ClientView): Omit<ClientView, 'last_used_at' | 'updated_at'> {
  return state;
}
