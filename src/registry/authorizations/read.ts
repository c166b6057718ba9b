import type { TenantTx } from '../../store/store.ts';
import { findConnector } from '../connectors/read.ts';
import { type Authorized, authorizedBy } from './binding.ts';
import type { AuthorizationView } from './schemas.ts';
import { stateOf } from './state.ts';

/** A connector that is authorized at a provider; undefined for one that is not, or is not there. */
export async function findAuthorized(tx: TenantTx, connectorId: string): Promise<Authorized | undefined> {
  const connector = await findConnector(tx, connectorId);
  if (connector === undefined || connector.status === 'revoked') return undefined;
  return authorizedBy(tx.tenantId, connector) ?? undefined;
}

/** What a connector is authorized to do, as far as people may know it; undefined for one without a provider. */
export async function findAuthorization(
  tx: TenantTx,
  connectorId: string,
  redirectUri: string,
): Promise<AuthorizationView | undefined> {
  const authorized = await findAuthorized(tx, connectorId);
  if (authorized === undefined) return undefined;
  const row = await readAuthorization(tx, connectorId);
  const asked = authorized.authorization.scopes;
  return {
    connector_id: connectorId,
    state: stateOf(row, authorized, tx.at),
    scopes: row?.scopes ?? [],
    scopes_missing: row === undefined ? [] : asked.filter((scope) => !row.scopes.includes(scope)),
    authorized_by: row?.authorized_by ?? null,
    authorized_at: row?.authorized_at.toISOString() ?? null,
    renewed_at: row?.renewed_at.toISOString() ?? null,
    expires_at: row?.expires_at?.toISOString() ?? null,
    renewable: row?.renewable ?? false,
    reason: row?.ended ?? null,
    redirect_uri: redirectUri,
  };
}

export function readAuthorization(tx: TenantTx, connectorId: string) {
  return tx.db
    .selectFrom('connector_authorizations')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('connector_id', '=', connectorId)
    .executeTakeFirst();
}
export type AuthorizationRow = NonNullable<Awaited<ReturnType<typeof readAuthorization>>>;

/** What an audit entry says of an authorization. */
export function authorizationState({ state, scopes, renewable, reason }: AuthorizationView): object {
  return { state, scopes, renewable, reason };
}
