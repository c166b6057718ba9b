import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHostileServer } from '../src/upstream/kinds/mcp/server.fixture.ts';
import { engines } from './support/engines.ts';
import { type OauthProvider, startOauthProvider } from './support/oauth-provider.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

const TOOL = { name: 'add', description: 'Adds', inputSchema: { type: 'object' } };

describe.each(engines)('an MCP server that wants an access token, on %s', (engine) => {
  let bench: Workbench;
  let provider: OauthProvider;
  let server: Awaited<ReturnType<typeof startHostileServer>>;
  const shown: (string | undefined)[] = [];

  beforeAll(async () => {
    provider = await startOauthProvider();
    server = await startHostileServer([TOOL], ({ request, response, message, answer }) => {
      const token = request.headers.authorization?.replace(/^Bearer /, '');
      shown.push(token);
      if (token === undefined || !provider.valid.has(token)) {
        const challenge = 'Bearer resource_metadata="http://elsewhere.example/.well-known/oauth-protected-resource"';
        response.writeHead(401, { 'www-authenticate': challenge }).end();
        return true;
      }
      if (message.method !== 'tools/call') return false;
      answer({ content: [{ type: 'text', text: `with ${request.headers.authorization}` }] });
      return true;
    });
    bench = await openWorkbench(engine, {}, undefined, `${provider.host} ${server.host}`);
    const secret = { name: 'CLIENT_SECRET', value: provider.clientSecret, hosts: [provider.host] };
    made(await bench.people.owner('POST', '/v1/secrets', secret));
  });
  afterAll(async () => {
    await bench?.close();
    await server?.close();
    await provider?.close();
  });

  test('is asked with the token of its connector, which is renewed when the server takes it for none', async () => {
    const { admin } = bench.people;
    const authorization = {
      kind: 'oauth',
      authorize_url: `${provider.url}/authorize`,
      token_url: `${provider.url}/token`,
      client_id: provider.clientId,
      client_secret: '{{secret:CLIENT_SECRET}}',
      scopes: ['tools'],
    };
    const config = { transport: 'http', url: server.url, authorization };
    const { id } = made(await admin('POST', '/v1/connectors', { name: 'Guarded', kind: 'mcp', config }));
    const before = await admin('POST', `/v1/connectors/${id}/mcp/discover`, {});
    expect([before.status, before.body.detail]).toEqual([409, expect.stringContaining('not authorized')]);
    expect(shown).toEqual([]);

    const { authorize_url } = made(await admin('POST', `/v1/connectors/${id}/authorization`));
    made(await admin('POST', '/v1/connectors/authorizations', await provider.browse(authorize_url)));
    const offer = made(await admin('POST', `/v1/connectors/${id}/mcp/discover`, {}));
    const tools = [{ name: 'add', pin: offer.tools[0].pin, effect: 'read' }];
    made(await admin('POST', `/v1/connectors/${id}/mcp/accept`, { tools }));
    const client = await bench.newClient();
    await bench.newGrant(client.id, 'guarded.add', 'auto');
    const call = () => client.send('POST', '/api/agent/gateway', { tool: 'guarded.add', arguments: {} });

    const { body } = await call();
    const [token] = shown;
    expect(provider.valid.has(token!)).toBe(true);
    expect(new Set(shown)).toEqual(new Set([token]));
    expect(body.result.content[0].text).toBe('with Bearer {{secret:connector.access_token}}');

    provider.valid.delete(token!);
    const refused = await call();
    expect(refused.body).toMatchObject({ status: 'failed', error: { http_status: 401 } });
    // What it was refused for is known by then; when it is renewed is the keeper's to say.
    await bench.sql(
      "update connector_authorizations set renew_at = now() - interval '2 seconds', renewed_at = now() - interval '1 hour' where connector_id = $1",
      [id],
    );
    await bench.sql('update workspaces set facts_version = facts_version + 1');
    expect((await call()).body.status).toBe('executed');
    expect(provider.valid.has(shown.at(-1)!)).toBe(true);
    expect(shown.at(-1)).not.toBe(token);
    const log = JSON.stringify(await bench.entries());
    for (const secret of [...new Set(shown), provider.clientSecret]) expect(log).not.toContain(secret);
  });
});
