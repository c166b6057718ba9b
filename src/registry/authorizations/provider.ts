import * as oauth from 'oauth4webapi';
import { secretsIn } from '../../kernel/secret-reference.ts';
import type { Store } from '../../store/store.ts';
import type { AuthorizationConfig } from '../../upstream/authorization.ts';
import { revokesWhereTokensAreGiven } from '../../upstream/shapes.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { Vault } from '../../vault/vault.ts';
import { openSecrets } from '../secrets/open.ts';

/** What is needed to talk to providers. */
export type Reach = {
  readonly store: Store;
  readonly vault: Vault;
  readonly fetchGuarded: Upstream['fetchGuarded'];
};

/** A provider as a connector names it, and the workspace whose it is. */
export type Provider = {
  readonly tenantId: string;
  readonly authorization: AuthorizationConfig;
  readonly tokenHost: string;
};

/** What a provider gave. */
export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly lifetimeSeconds: number | null;
  /** Null where it says nothing: then it gave what was asked for. */
  readonly scopes: readonly string[] | null;
};

/** Why there are no tokens, as a sentence to show. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault';
  /** The provider's own code, where it gave one: short, and of lower-case letters. */
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

const ANSWER_MAX = 64 * 1024;
const ANSWER_MS = 10_000;
const TOKEN_MAX = 16 * 1024;
const SCOPES_MAX = 256;
/** A token that ends at once would be renewed with every call. */
const LIFETIME_MIN = 10;
const LIFETIME_MAX = 10 * 365 * 24 * 3600;

/** Where a browser goes to authorize. */
export function authorizeUrl(
  { authorize_url, client_id, scopes }: AuthorizationConfig,
  {
    redirectUri,
    state,
    challenge,
  }: { readonly redirectUri: string; readonly state: string; readonly challenge: string },
): string {
  const url = new URL(authorize_url);
  const parameters = {
    response_type: 'code',
    client_id,
    redirect_uri: redirectUri,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** What a browser brought back: the code, or why there is none. Throws `ProviderFault`. */
export function readCallback(
  authorization: AuthorizationConfig,
  callback: Readonly<Record<string, string>>,
): URLSearchParams {
  if (callback.iss !== undefined && authorization.issuer === undefined) {
    throw new ProviderFault(
      `The provider says that it is ${shown(callback.iss)}. Write that as the issuer of the connector's authorization, if it is right, and authorize again.`,
    );
  }
  try {
    return oauth.validateAuthResponse(
      serverOf(authorization),
      clientOf(authorization),
      new URLSearchParams(callback),
      callback.state!,
    );
  } catch (fault) {
    if (fault instanceof oauth.AuthorizationResponseError) {
      const code = codeOf(fault.error);
      throw new ProviderFault(`The provider refused: ${code ?? 'it gave no known reason'}.`, code);
    }
    if (authorization.issuer !== undefined && callback.iss !== authorization.issuer) {
      throw new ProviderFault(
        'The answer comes from another provider than the issuer of the connector. Nothing was sent to it.',
      );
    }
    throw new ProviderFault('The provider sent the browser back without a code.');
  }
}

/** Trades a code for tokens. Rejects with `ProviderFault`, and where the store or the key service does not answer. */
export function tradeCode(
  reach: Reach,
  provider: Provider,
  given: { readonly callback: URLSearchParams; readonly redirectUri: string; readonly verifier: string },
): Promise<Tokens> {
  return asked(reach, provider, async (server, client, auth, options) => {
    const { callback, redirectUri, verifier } = given;
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      auth,
      callback,
      redirectUri,
      verifier,
      options,
    );
    return oauth.processAuthorizationCodeResponse(server, client, answer);
  });
}

/** Asks for the next tokens. As {@link tradeCode}; `invalid_grant` is the code of an authorization that has ended. */
export function renewTokens(reach: Reach, provider: Provider, refreshToken: string): Promise<Tokens> {
  return asked(reach, provider, async (server, client, auth, options) => {
    const answer = await oauth.refreshTokenGrantRequest(server, client, auth, refreshToken, options);
    return oauth.processRefreshTokenResponse(server, client, answer);
  });
}

/** Tells a provider that a token is not needed any more (RFC 7009), if it has a place for that. */
export async function revokeToken(reach: Reach, provider: Provider, token: string): Promise<void> {
  const { authorization } = provider;
  if (authorization.revoke_url === undefined || !revokesWhereTokensAreGiven(authorization)) return;
  await withClient(reach, provider, async (server, client, auth, options) => {
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, auth, token, options));
  });
}

type Options = { readonly [oauth.customFetch]: never; readonly [oauth.allowInsecureRequests]: true };
type Asking<T> = (
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  auth: oauth.ClientAuth,
  options: Options,
) => Promise<T>;

async function asked(reach: Reach, provider: Provider, ask: Asking<oauth.TokenEndpointResponse>): Promise<Tokens> {
  return tokensOf(await withClient(reach, provider, ask));
}

async function withClient<T>(reach: Reach, provider: Provider, ask: Asking<T>): Promise<T> {
  const { tenantId, authorization, tokenHost } = provider;
  const names = secretsIn(authorization.client_secret ?? '');
  const opened = await openSecrets(reach, tenantId, null, { names, host: tokenHost });
  if (!opened.ok) throw new ProviderFault(opened.detail);
  const secret = opened.values.get(names[0] ?? '');
  const auth =
    secret === undefined
      ? oauth.None()
      : authorization.client_auth === 'post'
        ? oauth.ClientSecretPost(secret)
        : basic(secret);
  try {
    return await ask(serverOf(authorization), clientOf(authorization), auth, optionsOf(reach, tenantId));
  } catch (fault) {
    throw faultOf(fault);
  }
}

/**
 * RFC 6749, 2.3.1. The library's own percent-encodes more than a form does, such as `-`, which providers that decode nothing
 * do not know again.
 */
function basic(secret: string): oauth.ClientAuth {
  const form = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return (_server, { client_id }, _body, headers) => {
    const both = Buffer.from(`${form(client_id)}:${form(secret)}`);
    headers.set('authorization', `Basic ${both.toString('base64')}`);
  };
}

/** Requests of the library go through the egress guard like all others; that is what asks for https. */
function optionsOf({ fetchGuarded }: Reach, tenantId: string): Options {
  const customFetch = async (
    url: string,
    { method, headers, body: form }: { method: string; headers: Record<string, string>; body: URLSearchParams },
  ): Promise<Response> => {
    const answer = await fetchGuarded({
      tenantId,
      url,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: form?.toString() ?? null,
      maxBytes: ANSWER_MAX,
      timeoutMs: ANSWER_MS,
    });
    if (answer.kind === 'refused') throw new ProviderFault(answer.detail);
    if (answer.kind === 'failed') throw new ProviderFault(`The provider could not be reached: ${answer.message}`);
    if (answer.kind === 'unknown') throw new ProviderFault(`The provider did not answer: ${answer.reason}`);
    if (!answer.complete)
      throw new ProviderFault('The answer of the provider is too long, or is encoded in an unknown way.');
    const type = answer.headers['content-type'] ?? '';
    const body = [204, 205, 304].includes(answer.status) ? null : withoutIdToken(answer.body);
    return new Response(body, { status: answer.status, headers: { 'content-type': type } });
  };
  return { [oauth.customFetch]: customFetch as never, [oauth.allowInsecureRequests]: true };
}

/** Who signs in at the provider is nothing to us, so nothing of it is read. */
function withoutIdToken(body: Buffer): string {
  const text = body.toString();
  try {
    const { id_token: _, ...answer } = JSON.parse(text);
    return JSON.stringify(answer);
  } catch {
    return text;
  }
}

function serverOf({ issuer, authorize_url, token_url, revoke_url }: AuthorizationConfig): oauth.AuthorizationServer {
  return {
    issuer: issuer ?? new URL(token_url).origin,
    authorization_endpoint: authorize_url,
    token_endpoint: token_url,
    ...(revoke_url !== undefined && { revocation_endpoint: revoke_url }),
    authorization_response_iss_parameter_supported: issuer !== undefined,
  };
}

function clientOf({ client_id }: AuthorizationConfig): oauth.Client {
  return { client_id };
}

function tokensOf({ access_token, refresh_token, expires_in, scope, token_type }: oauth.TokenEndpointResponse): Tokens {
  if (token_type !== 'bearer')
    throw new ProviderFault('The provider gives tokens of a kind that is not supported; it has to be Bearer.');
  for (const token of [access_token, refresh_token]) {
    if (token !== undefined && (token.length > TOKEN_MAX || !/^[\x21-\x7e]{8,}$/.test(token))) {
      throw new ProviderFault(
        'The provider gave a token that cannot be sent: 8 to 16,384 printable ASCII characters can be.',
      );
    }
  }
  return {
    accessToken: access_token,
    refreshToken: refresh_token ?? null,
    lifetimeSeconds: expires_in === undefined ? null : Math.max(LIFETIME_MIN, Math.min(expires_in, LIFETIME_MAX)),
    scopes: scope === undefined ? null : scopesOf(scope),
  };
}

/** Some separate scopes with commas. What is no scope by RFC 6749 is left out. */
function scopesOf(text: string): string[] {
  const scopes = text.split(/[ ,]+/).filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(scope));
  return [...new Set(scopes)].slice(0, SCOPES_MAX).sort();
}

/** Faults of the library as sentences. Of what a provider wrote nothing is repeated but its code. */
function faultOf(fault: unknown): Error {
  if (fault instanceof oauth.ResponseBodyError) {
    const code = codeOf(fault.error);
    return new ProviderFault(`The provider refused with ${fault.status}${code === null ? '' : `: ${code}`}.`, code);
  }
  if (fault instanceof oauth.WWWAuthenticateChallengeError) {
    return new ProviderFault(`The provider refused with ${fault.status}.`, 'invalid_client');
  }
  if (fault instanceof oauth.OperationProcessingError || fault instanceof oauth.UnsupportedOperationError) {
    if (fault.cause instanceof ProviderFault) return fault.cause;
    return new ProviderFault('The provider did not answer with a token as OAuth 2.1 asks.');
  }
  return fault instanceof Error ? fault : new Error(typeof fault);
}

function codeOf(text: string): string | null {
  return /^[a-z_]{1,64}$/.test(text) ? text : null;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
