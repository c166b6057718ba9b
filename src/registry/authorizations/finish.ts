import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import type { TenantTx } from '../../store/store.ts';
import { stateHash } from './begin.ts';
import { type Authorized, tokensBound, verifierBound } from './binding.ts';
import { type Reach, readCallback, type Tokens, tradeCode } from './provider.ts';
import { authorizationState, findAuthorization, findAuthorized, readAuthorization } from './read.ts';
import type { AuthorizationView, FinishInput } from './schemas.ts';
import { timesOf } from './times.ts';

/** An authorization that a browser has come back with: it is used up, whatever becomes of it. */
export type Returned = {
  readonly authorized: Authorized;
  readonly sealed: string;
  readonly stateSha256: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
};

const NOT_BEGUN = problem(
  'conflict',
  'This was not begun in this browser and sign-in, was used already, or is older than ten minutes. Authorize again on the page of the connector.',
);

/** Takes what was begun in this browser: once, and nowhere else. */
export async function takeBegun(
  tx: TenantTx,
  { state, sessionId }: { readonly state: string; readonly sessionId: string },
): Promise<Returned | Problem> {
  const stateSha256 = stateHash(state);
  const begun = await tx.db
    .deleteFrom('authorization_requests')
    .where('tenant_id', '=', tx.tenantId)
    .where('state_sha256', '=', stateSha256)
    .where('session_id', '=', sessionId)
    .where('expires_at', '>', tx.at)
    .returning(['connector_id', 'sealed', 'binding', 'redirect_uri', 'scopes'])
    .executeTakeFirst();
  if (begun === undefined) return NOT_BEGUN;
  const authorized = await findAuthorized(tx, begun.connector_id);
  if (authorized?.binding !== begun.binding) return CHANGED;
  return { authorized, sealed: begun.sealed, stateSha256, redirectUri: begun.redirect_uri, scopes: begun.scopes };
}

const CHANGED = problem('conflict', 'The connector was changed meanwhile. Authorize it again.');

/** The tokens for the code that a browser brought. Rejects as `tradeCode` does. */
export async function tokensFor(reach: Reach, returned: Returned, callback: FinishInput): Promise<Tokens> {
  const { authorized, sealed, stateSha256, redirectUri } = returned;
  const given = readCallback(authorized.authorization, Object.fromEntries(Object.entries(callback)));
  const verifier = await reach.vault.open(sealed, verifierBound(authorized, stateSha256));
  if (verifier === null) throw new Error('what was begun is not of this row');
  return tradeCode(reach, authorized, { callback: given, redirectUri, verifier });
}

/** The tokens, encrypted for the place that they will have. */
export type Sealed = { readonly tokens: Tokens; readonly number: number; readonly sealed: string };

export async function sealTokens(
  { vault }: Reach,
  authorized: Authorized,
  number: number,
  tokens: Tokens,
): Promise<Sealed> {
  const { accessToken, refreshToken } = tokens;
  const value = JSON.stringify({ accessToken, refreshToken });
  return { tokens, number, sealed: await vault.seal(tokensBound(authorized, number), value) };
}

/** The number that the next tokens of a connector have. */
export async function nextNumber(tx: TenantTx, connectorId: string): Promise<number> {
  return ((await readAuthorization(tx, connectorId))?.number ?? 0) + 1;
}

/**
 * Keeps tokens that a provider gave to a person: the connector is authorized from now on. What its calls may do has changed
 * where the provider gave other scopes than before, and the entry says so.
 */
export async function authorize(
  ctx: Verb,
  { authorized, scopes: asked, redirectUri }: Pick<Returned, 'authorized' | 'scopes' | 'redirectUri'>,
  { tokens, number, sealed }: Sealed,
): Promise<AuthorizationView | Problem> {
  const { tx, actor } = ctx;
  const { connectorId, binding, host } = authorized;
  const before = await readAuthorization(tx, connectorId);
  const scopes = [...(tokens.scopes ?? asked)].sort();
  const isSame = before === undefined || before.ended !== null || sameScopes(before.scopes, scopes);
  return edit(ctx, {
    read: () => findAuthorization(tx, connectorId, redirectUri),
    async update() {
      if ((await findAuthorized(tx, connectorId))?.binding !== binding) return CHANGED;
      if ((before?.number ?? 0) + 1 !== number) return problem('version_mismatch');
      const row = {
        number,
        sealed,
        host,
        binding,
        scopes,
        renewable: tokens.refreshToken !== null,
        ...timesOf(tokens, tx.at),
        renewing_until: null,
        renewed_at: tx.at,
        authorized_by: actor.id,
        authorized_at: tx.at,
        ended: null,
      };
      await tx.db
        .insertInto('connector_authorizations')
        .values({ tenant_id: tx.tenantId, connector_id: connectorId, ...row })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'connector_id']).doUpdateSet(row))
        .execute();
      return undefined;
    },
    event: {
      type: isSame ? 'connector.authorized' : 'connector.scope_changed',
      kind: 'connector',
      id: connectorId,
      state: authorizationState,
    },
  });
}

export function sameScopes(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((scope) => others.includes(scope));
}
