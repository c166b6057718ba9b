import { z } from 'zod';
import { ACCESS_TOKEN, secretReference } from '../kernel/secret-reference.ts';
import { type EgressExceptions, isExcepted } from './egress-exceptions.ts';
import { checkHost, type Destination, hostOf, readUrl } from './egress-guard.ts';
import type { TargetFault } from './kind.ts';

const SCOPES_MAX = 64;
/** What an authorization request says by itself; whoever writes a URL says none of it. */
const OWN_PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
];

const url = (mayHaveQuery: boolean) =>
  z.string({ error: 'write a URL' }).superRefine((text, context) => {
    const read = readUrl(text);
    if (!read.ok) context.addIssue({ code: 'custom', message: read.detail });
    else if (text.includes('#')) context.addIssue({ code: 'custom', message: 'no fragment here' });
    else if (!mayHaveQuery && text.includes('?')) context.addIssue({ code: 'custom', message: 'no query here' });
  });

/**
 * The member `authorization` of a connector's config, for every kind that sends HTTP: OAuth 2.1, authorization code with
 * PKCE, at a provider that is given by its URLs. Requests then carry the access token as `Authorization: Bearer`.
 */
export const authorization = z.strictObject({
  kind: z.literal('oauth'),
  authorize_url: url(true).superRefine((text, context) => {
    const taken = URL.canParse(text) ? OWN_PARAMETERS.find((name) => new URL(text).searchParams.has(name)) : undefined;
    if (taken !== undefined) context.addIssue({ code: 'custom', message: `leave out ${taken}: it is added` });
  }),
  token_url: url(true),
  revoke_url: url(true).optional(),
  /** How the provider names itself in the parameter `iss` (RFC 9207). Without it, an answer that has one is refused. */
  issuer: url(false).optional(),
  client_id: z
    .string({ error: "write the client's id at the provider" })
    .regex(/^[\x20-\x7e]{1,512}$/, 'use 1 to 512 printable ASCII characters'),
  client_secret: z
    .string()
    .regex(/^\{\{secret:[A-Z][A-Z0-9_]{0,63}\}\}$/, 'name a secret, such as {{secret:PROVIDER_CLIENT_SECRET}}')
    .optional(),
  /** Where the client's secret stands in requests for tokens. */
  client_auth: z.enum(['basic', 'post']).default('basic'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'a scope has no spaces, quotes or backslashes'))
    .max(SCOPES_MAX, `at most ${SCOPES_MAX} scopes`)
    .default([]),
});
export type AuthorizationConfig = z.output<typeof authorization>;

/** What a connector of any kind may have. */
type Authorized = { readonly authorization?: AuthorizationConfig | undefined };

/** The headers by which requests through an authorized connector carry its token; a kind sends them beside its own. */
export function authorizationHeaders({ authorization: given }: Authorized): Readonly<Record<string, string>> {
  return given === undefined ? {} : { Authorization: `Bearer ${secretReference(ACCESS_TOKEN)}` };
}

/** For a connector's schema: its own `Authorization` would be sent in the token's place. */
export function refuseOwnAuthorization(
  config: Authorized & { readonly headers?: Readonly<Record<string, string>> | undefined },
  context: z.RefinementCtx,
): void {
  const own = Object.keys(config.headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
  if (config.authorization === undefined || own === undefined) return;
  context.addIssue({ code: 'custom', path: ['headers', own], message: 'the authorization sets this header' });
}

/** The authorization in a config that its kind's schema has accepted. */
export function authorizationIn(config: unknown): AuthorizationConfig | undefined {
  return (config as Authorized | null)?.authorization;
}

/** Where a client's secret goes, as secrets are bound to it. */
export function tokenHostOf({ token_url }: AuthorizationConfig): string {
  return hostOf(readUrl(token_url) as Destination);
}

/** Whether a token that is taken back may be told of: the client's secret and the token itself go where tokens come from, and nowhere else. */
export function revokesWhereTokensAreGiven({ token_url, revoke_url }: AuthorizationConfig): boolean {
  return revoke_url === undefined || new URL(revoke_url).origin === new URL(token_url).origin;
}

/**
 * Why a workspace may not ask a provider for tokens; null if it may. Plain http carries secrets past whoever listens, so it
 * is for destinations that the operator has let through.
 */
export function refuseProvider(
  authorization: AuthorizationConfig,
  tenantId: string,
  exceptions: EgressExceptions,
): TargetFault | null {
  const { authorize_url, token_url, revoke_url } = authorization;
  for (const [member, text] of Object.entries({ authorize_url, token_url, revoke_url })) {
    if (text === undefined) continue;
    const { origin, hostname, port } = readUrl(text) as Destination;
    const excepted = isExcepted(exceptions, tenantId, hostname, port);
    // A browser goes to the first one, wherever that is; we go to the others.
    const blocked = member === 'authorize_url' ? null : checkHost(hostname, port, excepted);
    const message = blocked?.detail ?? (excepted || origin.startsWith('https:') ? null : 'use https');
    if (message !== null) return { member: `authorization.${member}`, message };
  }
  if (revokesWhereTokensAreGiven(authorization)) return null;
  return { member: 'authorization.revoke_url', message: 'it has to be of the same origin as token_url' };
}
