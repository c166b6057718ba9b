import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authorizedBy } from '../src/registry/authorizations/binding.ts';
import { TokenKeeper } from '../src/registry/authorizations/keeper.ts';
import { rotateSecrets } from '../src/registry/secrets/rotate.ts';
import { secretsKeys } from '../src/secrets-key.ts';
import { createVault } from '../src/vault/vault.ts';
import { engines } from './support/engines.ts';
import { type OauthProvider, startOauthProvider } from './support/oauth-provider.ts';
import { repository } from './support/sources.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const silent = pino({ level: 'silent' });

describe.each(engines)('connectors that are authorized at a provider, on %s', (engine) => {
  let bench: Workbench;
  let provider: OauthProvider;
  let client: BenchClient;
  let logged = '';
  let count = 0;

  beforeAll(async () => {
    provider = await startOauthProvider();
    const write = (line: string): void => {
      logged += line;
    };
    const log = pino({ level: 'trace' }, { write });
    bench = await openWorkbench(engine, {}, log, `${provider.host} ${provider.api.host}`);
    client = await bench.newClient();
    const { clientSecret: value, host } = provider;
    made(await bench.people.owner('POST', '/v1/secrets', { name: 'CLIENT_SECRET', value, hosts: [host] }));
  });
  const usual = { lifetimeSeconds: 3600, refreshes: true, rotates: true, denies: false } as const;
  afterEach(() => {
    Object.assign(provider.behaviour, usual, { iss: undefined, scopes: undefined, answerToken: undefined });
    provider.tokenRequests.length = 0;
    provider.api.tokens.length = 0;
  });
  afterAll(async () => {
    await bench?.close();
    await provider?.close();
  });

  const configOf = (authorization: object = {}) => ({
    base_url: provider.api.url,
    authorization: {
      kind: 'oauth',
      authorize_url: `${provider.url}/authorize?access_type=offline`,
      token_url: `${provider.url}/token`,
      revoke_url: `${provider.url}/revoke`,
      client_id: provider.clientId,
      client_secret: '{{secret:CLIENT_SECRET}}',
      scopes: ['refunds.read', 'refunds.write'],
      ...authorization,
    },
  });
  const connect = (config: object, by = bench.people.owner) => {
    count += 1;
    return by('POST', '/v1/connectors', { name: `authorized ${count}`, kind: 'http', config });
  };
  const begin = async (id: string, by = bench.people.owner) =>
    made(await by('POST', `/v1/connectors/${id}/authorization`)).authorize_url as string;
  const finish = (callback: object, by = bench.people.owner) => by('POST', '/v1/connectors/authorizations', callback);
  const view = async (id: string) => made(await bench.people.viewer('GET', `/v1/connectors/${id}/authorization`));
  const authorize = async (id: string) => made(await finish(await provider.browse(await begin(id))));

  /** A connector with a tool behind it that the client may call; authorized unless told not to be. */
  async function setup(authorization: object = {}, authorized = true) {
    const { id } = made(await connect(configOf(authorization)));
    const tool = await bench.newTool('/x', { connector_id: id, input_schema: { type: 'object' } });
    await bench.newGrant(client.id, tool.name, 'auto');
    if (authorized) await authorize(id);
    const call = () => client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: {} });
    return { id, tool: tool.name, call };
  }
  /** Lets the present token of a connector be due or over, as if time had passed. */
  async function age(id: string, what: 'due' | 'over'): Promise<void> {
    const ends = what === 'over' ? "now() - interval '1 second'" : 'expires_at';
    const text = `update connector_authorizations set renew_at = now() - interval '2 seconds', renewed_at = now() - interval '1 hour',
      renewing_until = null, expires_at = ${ends} where connector_id = $1`;
    await bench.sql(text, [id]);
    await bench.sql('update workspaces set facts_version = facts_version + 1');
  }
  const events = async (id: string) =>
    (await bench.entries({ resources: [id] })).map(({ event_type, outcome }) => `${event_type} ${outcome}`);

  test('a person authorizes, calls carry the token, and nobody reads it', async () => {
    const { id, call } = await setup({}, false);
    expect(await view(id)).toMatchObject({ state: 'none', redirect_uri: `${bench.gate.url}/authorized` });
    expect((await call()).body).toMatchObject({
      code: 'egress_blocked',
      detail: expect.stringContaining('not authorized'),
    });
    const url = await begin(id);
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      access_type: 'offline',
      response_type: 'code',
      client_id: provider.clientId,
      redirect_uri: `${bench.gate.url}/authorized`,
      scope: 'refunds.read refunds.write',
      state: expect.stringMatching(new RegExp(`^${bench.gate.demo.id}\\.[\\w-]{43}$`)),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const callback = await provider.browse(url);
    expect(made(await finish(callback))).toMatchObject({
      state: 'authorized',
      scopes: ['refunds.read', 'refunds.write'],
      scopes_missing: [],
      authorized_by: bench.userIds.owner,
      renewable: true,
    });
    const reply = made(await call());
    const [token] = provider.api.tokens;
    expect(provider.valid.has(token!)).toBe(true);
    expect(reply.result).toEqual({ echo: 'Bearer {{secret:connector.access_token}}' });
    made(await call());
    expect(provider.tokenRequests).toHaveLength(1);
    expect(await events(id)).toEqual(['connector.authorized authorized', 'connector.authorized authorized']);

    await bench.gate.sequenced();
    const { owner } = bench.people;
    const paths = ['/v1/audit?limit=100', '/v1/executions?limit=100', `/v1/connectors/${id}`, '/v1/secrets'];
    const told = await Promise.all(paths.map(async (path) => (await owner('GET', path)).text));
    const rows = await bench.sql<{ all: string }>(
      `select coalesce(string_agg(a::text, ''), '') as all from connector_authorizations a
       union all select coalesce(string_agg(e::text, ''), '') from agent_execution_logs e
       union all select coalesce(string_agg(l.entry, ''), '') from audit_log l`,
    );
    const everything = [...told, ...rows.map((row) => row.all), logged].join('\n');
    const { refresh_token } = provider.tokenRequests[0]!.parameters;
    for (const secret of [
      token!,
      provider.clientSecret,
      refresh_token ?? 'refresh-',
      callback.code!,
      callback.state!,
    ]) {
      expect(everything.includes(secret), secret.slice(0, 8)).toBe(false);
    }
  });

  test('what the page in docs/ says can be done as it stands', async () => {
    const page = readFileSync(join(repository, 'docs', 'authorizing.md'), 'utf8');
    const [, ...requests] = page.split('```http\n').map((part) => part.split('```')[0]!);
    const ids: string[] = [];
    for (const request of requests) {
      const [, method, path] = /^(\w+) (\S+)/.exec(request)!;
      const body = request
        .slice(request.indexOf('{'))
        .replaceAll('https://login.refunds.example', provider.url)
        .replaceAll('login.refunds.example', provider.host)
        .replaceAll('https://api.refunds.example', provider.api.url)
        .replace('"countersign"', JSON.stringify(provider.clientId))
        .replace('the secret that the provider shows', provider.clientSecret);
      ids.push(made(await bench.people.owner(method!, path!, JSON.parse(body))).id);
    }
    expect(ids).toHaveLength(2);
    expect(await authorize(ids[1]!)).toMatchObject({ state: 'authorized', scopes: ['refunds.read', 'refunds.write'] });
  });

  test('what a person refuses is told, and used up', async () => {
    const { id } = await setup({}, false);
    provider.behaviour.denies = true;
    const callback = await provider.browse(await begin(id));
    const refused = await finish(callback);
    expect(refused).toMatchObject({
      status: 502,
      body: { code: 'provider_failed', detail: 'The provider refused: access_denied.' },
    });
    expect((await finish(callback)).status).toBe(409);
    expect(provider.tokenRequests).toEqual([]);
    expect(await view(id)).toMatchObject({ state: 'none' });
  });

  test('a state is good once, in the browser it was made for, and no other', async () => {
    const { id } = await setup({}, false);
    const callback = await provider.browse(await begin(id));
    expect((await finish(callback, bench.people.admin)).body).toMatchObject({ code: 'conflict' });
    expect((await finish({ ...callback, state: `${callback.state}x` })).status).toBe(409);
    const stolen = await provider.browse(await begin(id, bench.people.admin));
    expect((await finish(stolen)).status).toBe(409);
    expect(provider.tokenRequests).toEqual([]);
    made(await finish(callback));
    expect((await finish(callback)).status).toBe(409);
    expect(provider.tokenRequests).toHaveLength(1);
    // A code that was used before, with a state of its own.
    const again = await provider.browse(await begin(id));
    const replayed = await finish({ ...again, code: callback.code });
    expect(replayed.body).toMatchObject({
      code: 'provider_failed',
      detail: 'The provider refused with 400: invalid_grant.',
    });
    // A code that somebody else was given does not fit our verifier.
    const [mine, theirs] = [
      await provider.browse(await begin(id)),
      await provider.browse(await begin(id, bench.people.admin)),
    ];
    expect((await finish({ ...mine, code: theirs.code })).status).toBe(502);
    const late = await provider.browse(await begin(id));
    await bench.sql("update authorization_requests set expires_at = now() - interval '1 second'");
    expect((await finish(late)).status).toBe(409);
    expect(await view(id)).toMatchObject({ state: 'authorized' });
  });

  test('an answer of another issuer goes nowhere (RFC 9207)', async () => {
    const { id } = await setup({ issuer: provider.url }, false);
    const answers = async (iss: string | undefined) => {
      provider.behaviour.iss = iss;
      return finish(await provider.browse(await begin(id)));
    };
    expect((await answers('https://evil.example')).body.detail).toContain('another provider');
    expect((await answers(undefined)).body.detail).toContain('another provider');
    expect(provider.tokenRequests).toEqual([]);
    expect((await answers(provider.url)).body).toMatchObject({ state: 'authorized' });
    const silentOne = await setup({}, false);
    const callback = await provider.browse(await begin(silentOne.id));
    expect((await finish(callback)).body.detail).toContain(`The provider says that it is "${provider.url}"`);
    expect(provider.tokenRequests).toHaveLength(1);
  });

  test('a token that is due is renewed once, however many calls and nodes wait', async () => {
    const { id, call } = await setup();
    made(await call());
    await age(id, 'over');
    provider.tokenRequests.length = 0;
    const replies = await Promise.all(Array.from({ length: 20 }, call));
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(provider.tokenRequests.map(({ parameters }) => parameters.grant_type)).toEqual(['refresh_token']);
    expect(new Set(provider.api.tokens.slice(1)).size).toBe(1);
    expect(provider.api.tokens[1]).not.toBe(provider.api.tokens[0]);

    await age(id, 'over');
    const { app } = bench.gate.running;
    const connector = made(await bench.people.owner('GET', `/v1/connectors/${id}`));
    const authorized = authorizedBy(bench.gate.tenantId, connector)!;
    const nodes = Array.from({ length: 4 }, () => new TokenKeeper(app, silent));
    const tokens = await Promise.all(nodes.map((node) => node.tokenFor(authorized, 1)));
    expect(new Set(tokens.map((token) => token.ok && token.value)).size).toBe(1);
    // The second renewal was with the token that the first one gave.
    expect(provider.tokenRequests).toHaveLength(2);
    expect(new Set(provider.tokenRequests.map(({ parameters }) => parameters.refresh_token)).size).toBe(2);
    expect(await events(id)).toEqual(['connector.authorized authorized', 'connector.authorized authorized']);
    made(await call());
  });

  test('tokens are encrypted anew with the secrets', async () => {
    const { call } = await setup();
    const { store, settings } = bench.gate.running.app;
    const [key] = secretsKeys(settings);
    const fresh = Buffer.alloc(32, 'a new key');
    const [{ count: tokens }] = (await bench.sql(
      "select count(*)::int from connector_authorizations where sealed <> ''",
    )) as [{ count: number }];
    const rotated = await rotateSecrets(store, createVault([fresh, key!]), () => {});
    expect(rotated).toMatchObject({ unopened: [], done: rotated.of });
    expect(await rotateSecrets(store, createVault([key!]), () => {})).toMatchObject({ done: 0, of: rotated.of });
    expect(rotated.of).toBeGreaterThan(tokens);
    expect(await rotateSecrets(store, createVault([key!, fresh]), () => {})).toMatchObject({ done: rotated.of });
    await bench.sql('update workspaces set facts_version = facts_version + 1');
    made(await call());
  });

  test('a provider that gives no new refresh token goes on with the old one', async () => {
    const { id, call } = await setup();
    provider.behaviour.rotates = false;
    for (const _ of [1, 2]) {
      await age(id, 'over');
      made(await call());
    }
    expect(new Set(provider.tokenRequests.slice(1).map(({ parameters }) => parameters.refresh_token)).size).toBe(1);
  });

  test('a provider that fails is asked again later; a token that still holds is used meanwhile', async () => {
    const { id, call } = await setup();
    for (const answer of [
      (response: ServerResponse) => response.writeHead(500).end('down'),
      (response: ServerResponse) => response.writeHead(302, { location: '/elsewhere' }).end(),
      (response: ServerResponse) => response.end('x'.repeat(100_000)),
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 * 1024 * 1024))),
      (response: ServerResponse) => response.destroy(),
      (response: ServerResponse) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"access_token":"a\\nb","token_type":"Bearer"}'),
      (response: ServerResponse) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"access_token":"long-enough","token_type":"mac"}'),
    ]) {
      provider.behaviour.answerToken = answer;
      await age(id, 'due');
      made(await call());
      await age(id, 'over');
      const before = provider.api.tokens.length;
      const reply = await call();
      expect(reply.body).toMatchObject({ status: 'failed', error: { code: 'connect_failed' } });
      expect(reply.text).toContain('could not be renewed');
      expect(provider.api.tokens).toHaveLength(before);
      await bench.sql("update connector_authorizations set expires_at = now() + interval '1 hour'");
    }
    provider.behaviour.answerToken = undefined;
    await age(id, 'over');
    made(await call());
    expect(await view(id)).toMatchObject({ state: 'authorized' });
  });

  test('what the provider has ended is told, and refused', async () => {
    const { id, call } = await setup();
    await age(id, 'over');
    provider.behaviour.answerToken = (response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    expect((await call()).body).toMatchObject({ code: 'egress_blocked' });
    expect(await view(id)).toMatchObject({ state: 'ended', reason: 'invalid_grant', renewable: false });
    expect((await events(id)).at(-1)).toBe('connector.revoked authorization_ended');
    expect(await bench.sql('select sealed from connector_authorizations where connector_id = $1', [id])).toEqual([
      { sealed: '' },
    ]);
    expect((await call()).body.detail).toContain('ended the authorization');
    provider.behaviour.answerToken = undefined;
    await authorize(id);
    made(await call());
  });

  test('a token that nothing renews is used until it ends', async () => {
    provider.behaviour.refreshes = false;
    const { id, call } = await setup();
    made(await call());
    expect(await view(id)).toMatchObject({ state: 'authorized', renewable: false });
    await age(id, 'over');
    expect((await call()).body.detail).toContain('has expired');
    expect(await view(id)).toMatchObject({ state: 'expired' });
    provider.behaviour.lifetimeSeconds = undefined;
    await authorize(id);
    expect(await view(id)).toMatchObject({ state: 'authorized', expires_at: null });
    made(await call());
  });

  test('a destination that refuses a token makes the next call ask for another one', async () => {
    const { id, call } = await setup();
    made(await call());
    provider.valid.clear();
    expect((await call()).body).toMatchObject({ status: 'failed', error: { http_status: 401 } });
    expect(provider.tokenRequests).toHaveLength(1);
    // It was given a moment ago: asking again would be for nothing.
    expect((await call()).body).toMatchObject({ status: 'failed' });
    await bench.sql(
      "update connector_authorizations set renewed_at = now() - interval '1 hour' where connector_id = $1",
      [id],
    );
    expect((await call()).body).toMatchObject({ status: 'failed' });
    made(await call());
    expect(provider.tokenRequests).toHaveLength(2);
  });

  test('every kind that sends HTTP carries the token, also where it is tried out', async () => {
    const value = `whsec_${Buffer.alloc(24, 'signing').toString('base64')}`;
    const hosts = [provider.api.host];
    made(await bench.people.owner('POST', '/v1/secrets', { name: 'SIGNING', value, hosts }));
    const { base_url, authorization } = configOf();
    const kinds = {
      openapi: { config: { base_url, authorization }, handler: { method: 'POST', path: '/x', operation: 'POST /x' } },
      webhook: {
        config: { url: `${base_url}/hook`, signing_secret: '{{secret:SIGNING}}', authorization },
        handler: {},
      },
    };
    for (const [kind, { config, handler }] of Object.entries(kinds)) {
      const body = { name: `authorized ${kind}`, kind, config };
      const { id } = made(await bench.people.owner('POST', '/v1/connectors', body));
      const fields = {
        connector_id: id,
        handler_kind: kind,
        handler_config: handler,
        input_schema: { type: 'object' },
      };
      const tool = await bench.newTool('/x', fields);
      await bench.newGrant(client.id, tool.name, 'auto');
      const tried = () => bench.people.owner('POST', `/v1/connectors/${id}/test`);
      expect(made(await tried()), kind).toMatchObject({ ok: false, detail: expect.stringContaining('not authorized') });
      await authorize(id);
      made(await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: {} }));
      expect(provider.valid.has(provider.api.tokens.at(-1)!), kind).toBe(true);
      expect(made(await tried()), kind).toMatchObject({ ok: true });
    }
  });

  test('a token that ends at once is not asked for again and again', async () => {
    provider.behaviour.lifetimeSeconds = 0;
    provider.behaviour.scopes = 'refunds.read \0 "quoted" refunds.write';
    const { id, call } = await setup();
    expect(await view(id)).toMatchObject({ state: 'authorized', scopes: ['refunds.read', 'refunds.write'] });
    await age(id, 'over');
    await Promise.all(Array.from({ length: 5 }, call));
    expect(provider.tokenRequests).toHaveLength(2);
  });

  test('other scopes than before are an event of their own', async () => {
    const { id, call } = await setup();
    provider.behaviour.scopes = 'refunds.read';
    expect(await authorize(id)).toMatchObject({ scopes: ['refunds.read'], scopes_missing: ['refunds.write'] });
    expect((await events(id)).at(-1)).toBe('connector.scope_changed scope_changed');
    provider.behaviour.scopes = 'refunds.read everything';
    await age(id, 'over');
    made(await call());
    const last = (await bench.entries({ resources: [id] })).at(-1)!;
    expect(last).toMatchObject({ event_type: 'connector.scope_changed', actor: { id: 'countersign' } });
    expect(last.after_state).toEqual({ scopes: ['everything', 'refunds.read'] });
  });

  test('what is taken back is forgotten, and the provider is told', async () => {
    const { id, call } = await setup();
    made(await call());
    expect((await bench.people.owner('DELETE', `/v1/connectors/${id}/authorization`)).status).toBe(204);
    expect(provider.revoked.at(-1)).toMatch(/^refresh-/);
    expect((await call()).body).toMatchObject({ code: 'egress_blocked' });
    expect((await events(id)).at(-1)).toBe('connector.revoked authorization_revoked');
    expect((await bench.people.owner('DELETE', `/v1/connectors/${id}/authorization`)).status).toBe(409);
    await authorize(id);
    // One that is in the database all the same has neither the client's secret nor the token sent elsewhere.
    const asked = provider.api.tokens.length;
    const elsewhere = JSON.stringify(configOf({ revoke_url: `${provider.api.url}/revoke` }));
    await bench.sql('update connectors set config = $2 where id = $1', [id, elsewhere]);
    expect((await bench.people.owner('DELETE', `/v1/connectors/${id}/authorization`)).status).toBe(204);
    expect(provider.api.tokens).toHaveLength(asked);
    await bench.sql('update connectors set config = $2 where id = $1', [id, JSON.stringify(configOf())]);
    await authorize(id);
    await begin(id);
    expect((await bench.people.owner('DELETE', `/v1/connectors/${id}`)).status).toBe(204);
    const left =
      'select connector_id from connector_authorizations where connector_id = $1 union all select connector_id from authorization_requests where connector_id = $1';
    expect(await bench.sql(left, [id])).toEqual([]);
    expect((await bench.people.owner('POST', `/v1/connectors/${id}/authorization`)).status).toBe(409);
  });

  test('a try of a connector sends no token elsewhere, and none that was taken back', async () => {
    const { id } = await setup();
    const tried = async () => made(await bench.people.owner('POST', `/v1/connectors/${id}/test`));
    expect(await tried()).toMatchObject({ ok: true });
    const elsewhere = { ...configOf(), base_url: provider.url };
    made(await bench.people.owner('PATCH', `/v1/connectors/${id}`, { config: elsewhere }));
    provider.tokenRequests.length = 0;
    expect(await tried()).toMatchObject({ ok: false, detail: expect.stringContaining('another destination') });
    expect(provider.tokenRequests).toEqual([]);
    made(await bench.people.owner('PATCH', `/v1/connectors/${id}`, { config: configOf() }));
    expect(await tried()).toMatchObject({ ok: true });
    expect((await bench.people.owner('DELETE', `/v1/connectors/${id}/authorization`)).status).toBe(204);
    const asked = provider.api.tokens.length;
    expect(await tried()).toMatchObject({ ok: false });
    expect(provider.api.tokens).toHaveLength(asked);
  });

  test('tokens go where they were given for, whoever changes the connector or the rows', async () => {
    const { id, call } = await setup();
    const { owner } = bench.people;
    const elsewhere = { ...configOf(), base_url: bench.stub.url };
    made(await owner('PATCH', `/v1/connectors/${id}`, { config: elsewhere }));
    expect((await call()).body.detail).toContain('another destination');
    expect(await view(id)).toMatchObject({ state: 'changed' });
    made(await owner('PATCH', `/v1/connectors/${id}`, { config: configOf({ token_url: `${provider.url}/other` }) }));
    expect((await call()).body.detail).toContain('another destination');
    made(await owner('PATCH', `/v1/connectors/${id}`, { config: configOf({ scopes: ['refunds.read'] }) }));
    made(await call());
    const other = await setup();
    await bench.sql(
      'update connector_authorizations set sealed = (select sealed from connector_authorizations where connector_id = $2) where connector_id = $1',
      [id, other.id],
    );
    await bench.sql('update workspaces set facts_version = facts_version + 1');
    expect((await call()).body.detail).toContain('cannot be decrypted');
    made(await other.call());
    const begun = await provider.browse(await begin(other.id));
    made(await owner('PATCH', `/v1/connectors/${other.id}`, { config: elsewhere }));
    expect((await finish(begun)).body.detail).toContain('was changed meanwhile');
  });

  test('admins authorize, and what is no configuration of it is told by its field', async () => {
    const { id } = await setup({}, false);
    for (const by of [bench.people.member, bench.people.viewer, client.send]) {
      expect((await by('POST', `/v1/connectors/${id}/authorization`)).status).toBe(403);
      expect((await by('DELETE', `/v1/connectors/${id}/authorization`)).status).toBe(403);
      expect((await by('POST', '/v1/connectors/authorizations', { state: 'x' })).status).toBe(403);
    }
    expect((await bench.people.owner('POST', `/v1/connectors/${bench.connectorId}/authorization`)).status).toBe(409);
    expect((await bench.people.owner('GET', `/v1/connectors/${bench.connectorId}/authorization`)).status).toBe(404);
    const wrong: readonly (readonly [object, string])[] = [
      [{ client_secret: 'hunter2-hunter2' }, 'config.authorization.client_secret'],
      [{ client_secret: '{{secret:NOBODY}}' }, 'config.authorization.client_secret'],
      [{ token_url: 'http://provider.example/token' }, 'config.authorization.token_url'],
      [{ token_url: 'https://10.0.0.7/token' }, 'config.authorization.token_url'],
      [{ revoke_url: 'https://localhost/revoke' }, 'config.authorization.revoke_url'],
      [{ revoke_url: 'https://evil.example/revoke' }, 'config.authorization.revoke_url'],
      [{ authorize_url: 'javascript:alert(1)' }, 'config.authorization.authorize_url'],
      [{ authorize_url: 'https://a.example/?state=mine' }, 'config.authorization.authorize_url'],
      [{ authorize_url: 'http://a.example/authorize' }, 'config.authorization.authorize_url'],
      [{ authorize_url: 'https://a.example/#part' }, 'config.authorization.authorize_url'],
      [{ scopes: ['two words'] }, 'config.authorization.scopes.0'],
      [{ client_id: '' }, 'config.authorization.client_id'],
      [{ kind: 'basic' }, 'config.authorization'],
      [{ password: 'hunter2-hunter2' }, 'config.authorization'],
    ];
    for (const [fields, field] of wrong) {
      const reply = await connect(configOf(fields));
      expect(reply.status, JSON.stringify(fields)).toBe(422);
      expect(reply.body.errors[0].field, JSON.stringify(fields)).toContain(field);
      expect(reply.text).not.toContain('hunter2');
    }
    const own = { ...configOf(), headers: { authorization: 'Bearer {{secret:CLIENT_SECRET}}' } };
    expect((await connect(own)).body.errors[0].field).toBe('config.headers.authorization');
    const named = { base_url: provider.api.url, headers: { 'X-Token': '{{secret:connector.access_token}}' } };
    expect((await connect(named)).body.detail).toContain('there is no secret connector.access_token');
    const elsewhere = { name: 'BOUND_ELSEWHERE', value: 'some value', hosts: [provider.api.host] };
    made(await bench.people.owner('POST', '/v1/secrets', elsewhere));
    const leaking = await connect(configOf({ client_secret: '{{secret:BOUND_ELSEWHERE}}' }));
    expect(leaking.body.detail).toContain(`not bound to ${provider.host}`);
  });
});
