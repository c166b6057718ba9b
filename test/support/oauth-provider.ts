import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the provider was asked for at its token endpoint. */
export type TokenRequest = { readonly parameters: Record<string, string>; readonly authorization: string | undefined };

/** An OAuth 2.1 provider of our own on loopback, and an API that takes its tokens, on another port. */
export type OauthProvider = {
  readonly url: string;
  readonly host: string;
  /** The API: says back which token it was called with; 401 for one that it does not know. */
  readonly api: { readonly url: string; readonly host: string; readonly tokens: string[] };
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenRequests: TokenRequest[];
  readonly revoked: string[];
  /** Access tokens that are good. */
  readonly valid: Set<string>;
  /** How it behaves; each may be changed. */
  readonly behaviour: {
    lifetimeSeconds: number | undefined;
    refreshes: boolean;
    rotates: boolean;
    /** What it sends as `iss`; undefined for nothing. */
    iss: string | undefined;
    /** What a person at the page decides. */
    denies: boolean;
    /** The scopes it gives instead of those that were asked for. */
    scopes: string | undefined;
    /** Answers the token endpoint in its stead. */
    answerToken: ((response: ServerResponse) => void) | undefined;
  };
  /** What a person's browser does: follows the URL, and gives the parameters that it is sent back with. */
  browse(authorizeUrl: string): Promise<Record<string, string>>;
  close(): Promise<void>;
};

type Code = { readonly challenge: string; readonly redirectUri: string; readonly scope: string };

export async function startOauthProvider(): Promise<OauthProvider> {
  const [clientId, clientSecret] = ['countersign-test', 'the secret of the client, with : and %'];
  const codes = new Map<string, Code>();
  const refreshTokens = new Map<string, string>();
  const valid = new Set<string>();
  const tokenRequests: TokenRequest[] = [];
  const revoked: string[] = [];
  const tokens: string[] = [];
  const behaviour: OauthProvider['behaviour'] = {
    lifetimeSeconds: 3600,
    refreshes: true,
    rotates: true,
    iss: undefined,
    denies: false,
    scopes: undefined,
    answerToken: undefined,
  };
  const isClient = (authorization: string | undefined, parameters: Record<string, string>): boolean => {
    const basic = `Basic ${Buffer.from(`${clientId}:${form(clientSecret)}`).toString('base64')}`;
    return authorization === basic || (parameters.client_id === clientId && parameters.client_secret === clientSecret);
  };
  const give = (scope: string) => {
    const [access_token, refresh_token] = [`access-${random()}`, `refresh-${random()}`];
    valid.add(access_token);
    if (behaviour.refreshes) refreshTokens.set(refresh_token, scope);
    return {
      access_token,
      token_type: 'Bearer',
      scope: behaviour.scopes ?? scope,
      id_token: 'not.looked.at',
      ...(behaviour.lifetimeSeconds !== undefined && { expires_in: behaviour.lifetimeSeconds }),
      ...(behaviour.refreshes && { refresh_token }),
    };
  };
  const tokenAnswer = (parameters: Record<string, string>): object | undefined => {
    if (parameters.grant_type === 'authorization_code') {
      const code = codes.get(parameters.code!);
      codes.delete(parameters.code!);
      const challenge = createHash('sha256').update(parameters.code_verifier!).digest('base64url');
      if (code?.challenge !== challenge || code.redirectUri !== parameters.redirect_uri) return undefined;
      return give(code.scope);
    }
    const scope = refreshTokens.get(parameters.refresh_token!);
    if (scope === undefined) return undefined;
    if (!behaviour.rotates) {
      const { refresh_token: _, ...given } = give(scope) as { refresh_token?: string };
      return given;
    }
    refreshTokens.delete(parameters.refresh_token!);
    return give(scope);
  };

  const server = await serve(async (request, response) => {
    const url = new URL(request.url!, 'http://provider.invalid');
    if (url.pathname === '/authorize') return void authorize(url.searchParams, response);
    const parameters = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
    const { authorization } = request.headers;
    if (url.pathname === '/revoke') {
      revoked.push(parameters.token!);
      return void response.end();
    }
    tokenRequests.push({ parameters, authorization });
    if (behaviour.answerToken !== undefined) return behaviour.answerToken(response);
    if (!isClient(authorization, parameters)) return json(response, 401, { error: 'invalid_client' });
    const answer = tokenAnswer(parameters);
    json(response, answer === undefined ? 400 : 200, answer ?? { error: 'invalid_grant', error_description: 'gone' });
  });
  const authorize = (asked: URLSearchParams, response: ServerResponse): void => {
    const back = new URL(asked.get('redirect_uri')!);
    back.searchParams.set('state', asked.get('state')!);
    if (behaviour.iss !== undefined) back.searchParams.set('iss', behaviour.iss);
    if (behaviour.denies) back.searchParams.set('error', 'access_denied');
    else {
      const code = random();
      const [challenge, redirectUri] = [asked.get('code_challenge')!, asked.get('redirect_uri')!];
      if (asked.get('code_challenge_method') !== 'S256' || asked.get('client_id') !== clientId)
        throw new Error('bad request');
      codes.set(code, { challenge, redirectUri, scope: asked.get('scope') ?? '' });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { location: back.href }).end();
  };
  const api = await serve((request, response) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    tokens.push(token);
    json(response, valid.has(token) ? 200 : 401, { echo: request.headers.authorization });
  });

  return {
    url: server.url,
    host: new URL(server.url).host,
    api: { url: api.url, host: new URL(api.url).host, tokens },
    clientId,
    clientSecret,
    tokenRequests,
    revoked,
    valid,
    behaviour,
    async browse(authorizeUrl) {
      const response = await fetch(authorizeUrl, { redirect: 'manual' });
      return Object.fromEntries(new URL(response.headers.get('location')!).searchParams);
    },
    close: async () => {
      await server.close();
      await api.close();
    },
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function random(): string {
  return randomBytes(24).toString('base64url');
}

/** As RFC 6749 has it in Basic: form-encoded first. */
function form(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
