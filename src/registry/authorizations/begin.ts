import { randomBytes } from 'node:crypto';
import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { type Problem, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { uuidToId } from '../../kernel/ids.ts';
import type { TenantTx } from '../../store/store.ts';
import type { Vault } from '../../vault/vault.ts';
import { type Authorized, verifierBound } from './binding.ts';
import { authorizeUrl } from './provider.ts';
import { findAuthorized } from './read.ts';
import type { BegunView } from './schemas.ts';

/** How long a person may take at the provider. */
const BEGUN_MS = 10 * 60_000;

/** An authorization that may be begun. Its verifier is encrypted, which no transaction waits for. */
export type Beginning = {
  readonly authorized: Authorized;
  readonly state: string;
  readonly sealed: string;
  readonly challenge: string;
};

/** Makes what ties the way to the provider to the way back. The state says which workspace, for the page it comes back to. */
export async function prepareBeginning(vault: Vault, authorized: Authorized): Promise<Beginning> {
  const state = `${uuidToId('org', authorized.tenantId)}.${randomBytes(32).toString('base64url')}`;
  const verifier = generateRandomCodeVerifier();
  const sealed = await vault.seal(verifierBound(authorized, stateHash(state)), verifier);
  return { authorized, state, sealed, challenge: await calculatePKCECodeChallenge(verifier) };
}

/** What is kept of a state: whoever reads the table cannot come back with it. */
export function stateHash(state: string): string {
  return sha256Hex(Buffer.from(state));
}

/** Notes that an authorization was begun in a browser, in the place of the one that was begun there before. */
export async function begin(
  tx: TenantTx,
  { authorized, state, sealed, challenge }: Beginning,
  { sessionId, redirectUri }: { readonly sessionId: string; readonly redirectUri: string },
): Promise<BegunView | Problem> {
  const { connectorId, binding, authorization } = authorized;
  const present = await findAuthorized(tx, connectorId);
  if (present?.binding !== binding) return problem('version_mismatch');
  const expiresAt = new Date(tx.at.getTime() + BEGUN_MS);
  const { tenantId: tenant_id } = tx;
  await tx.db
    .deleteFrom('authorization_requests')
    .where('tenant_id', '=', tenant_id)
    .where('expires_at', '<=', tx.at)
    .execute();
  const begun = {
    state_sha256: stateHash(state),
    sealed,
    binding,
    redirect_uri: redirectUri,
    scopes: [...authorization.scopes],
    expires_at: expiresAt,
  };
  await tx.db
    .insertInto('authorization_requests')
    .values({ tenant_id, connector_id: connectorId, session_id: sessionId, ...begun })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'connector_id', 'session_id']).doUpdateSet(begun))
    .execute();
  return {
    authorize_url: authorizeUrl(authorization, { redirectUri, state, challenge }),
    expires_at: expiresAt.toISOString(),
  };
}
