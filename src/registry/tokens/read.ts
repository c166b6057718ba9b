import { sql } from 'kysely';
import type { Page, PageInput } from '../../kernel/page.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { TokenView } from './schemas.ts';

function tokens(tx: TenantTx, clientId: string) {
  return tx.db
    .selectFrom('client_tokens')
    .where('tenant_id', '=', tx.tenantId)
    .where('client_id', '=', clientId)
    .select([
      'id',
      'client_id',
      'name',
      'prefix',
      'created_by',
      'created_at',
      'expires_at',
      'revoked_at',
      'last_used_at',
      'rotated_to',
    ])
    .select(sql<boolean>`coalesce(expires_at <= now(), false)`.as('expired'));
}

type Row = Awaited<ReturnType<ReturnType<typeof tokens>['executeTakeFirstOrThrow']>>;

function view({ expired, created_at, expires_at, revoked_at, last_used_at, rotated_to, ...row }: Row): TokenView {
  return {
    ...row,
    status: revoked_at !== null ? 'revoked' : expired ? 'expired' : 'active',
    created_at: created_at.toISOString(),
    expires_at: expires_at?.toISOString() ?? null,
    revoked_at: revoked_at?.toISOString() ?? null,
    last_used_at: last_used_at?.toISOString() ?? null,
    rotated_to,
  };
}

/** The tokens of a client, without their secrets. */
export async function listTokens(
  tx: TenantTx,
  { clientId, ...page }: PageInput & { readonly clientId: string },
): Promise<Page<TokenView>> {
  return pagedList(tx, tokens(tx, clientId), 'id', page, view);
}

/** One token of a client, or undefined. */
export async function findToken(tx: TenantTx, clientId: string, id: string): Promise<TokenView | undefined> {
  const row = await tokens(tx, clientId).where('id', '=', id).executeTakeFirst();
  return row && view(row);
}
