import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../src/api/routes.ts';
import { until } from './faults/support/waiting.ts';
import { newPushReader } from './support/browser-push.ts';
import { occurrencesOf } from './support/canary.ts';
import { engines } from './support/engines.ts';
import { openLiveStream } from './support/live-stream.ts';
import { type MailServer, startMailServer } from './support/mail-server.ts';
import { type OauthProvider, startOauthProvider } from './support/oauth-provider.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { type ReflectingUpstream, startReflectingUpstream } from './support/reflecting-upstream.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

/**
 * Everything that is secret, sent through everything that could tell it, and then looked for in all that is kept, shown,
 * written down and sent: every table, every list of the API, the log, live events, webhooks, mails and pushes.
 */
describe.each(engines)('canaries on %s', (engine) => {
  let bench: Workbench;
  let receiver: Receiver;
  let reflecting: ReflectingUpstream;
  let provider: OauthProvider;
  let mail: MailServer;
  let logged = '';
  beforeAll(async () => {
    [receiver, reflecting, provider, mail] = await Promise.all([
      startReceiver(),
      startReflectingUpstream(),
      startOauthProvider(),
      startMailServer(),
    ]);
    const write = (line: string): void => {
      logged += line;
    };
    const hosts = [receiver.host, reflecting.host, provider.host, provider.api.host].join(' ');
    const env = { COUNTERSIGN_SMTP_URL: mail.url, COUNTERSIGN_MAIL_FROM: 'gate@example.com' };
    bench = await openWorkbench(engine, env, pino({ level: 'trace' }, { write }), hosts);
  });
  afterAll(async () => {
    receiver?.letGo();
    await bench?.close();
    await Promise.all([receiver, reflecting, provider, mail].map((each) => each?.close()));
  });

  /** What must be nowhere, by what it is; and the tables that are there to keep it as it is. */
  const canaries = new Map<string, { readonly value: string; readonly keptIn?: string }>();
  const canary = (what: string, value: string, keptIn?: string): string => {
    canaries.set(what, { value, ...(keptIn !== undefined && { keptIn }) });
    return value;
  };
  const owner = (...asked: Parameters<Workbench['people']['owner']>) => bench.people.owner(...asked);
  const shown: string[] = [];
  /** Asks as the owner, and keeps the answer to be looked through. */
  const say = async (...asked: Parameters<Workbench['people']['owner']>) => {
    const reply = await owner(...asked);
    shown.push(reply.text);
    return reply;
  };

  test('of nothing that is secret is there a trace anywhere', { timeout: 240_000 }, async () => {
    const { email, password } = bench.gate.demo.users.find(({ role }) => role === 'owner')!;
    const signedIn = await bench.gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const live = await openLiveStream(bench.gate.url, cookie);
    const everything = await say('POST', '/v1/webhooks', { url: `${receiver.url}/all`, events: ['*'] });
    canary('the signing secret of a webhook', made(everything).secret);
    shown.length = 0;

    // A credential in the path of a curl command, and the tool that is made of it.
    const inPath = canary('a part of a path', 'kQ7zR2mX9pLw4TnB8vYc.aB-7');
    const command = `curl -d '{"text":"hi"}' '${reflecting.url}/services/${encodeURIComponent(inPath)}/raw' -H 'X-Api-Key: ${canary('a header of a command', 'hDr-5512-zzz-VerySecret')}'`;
    const { tool: draft, connector, secrets } = made(await say('POST', '/v1/tools/from-curl', { command }));
    for (const { name, host, about } of secrets as { name: string; host: string; about: string }[]) {
      const value = about.startsWith('part') ? inPath : canaries.get('a header of a command')!.value;
      made(await say('POST', '/v1/secrets', { name, value, hosts: [host] }));
    }
    const through = made(await say('POST', '/v1/connectors', { name: 'From curl', ...connector }));
    const fromCurl = made(await say('POST', '/v1/tools', { ...draft, connector_id: through.id }));
    await say('POST', `/v1/connectors/${through.id}/test`);
    const client = await bench.newClient();
    await bench.newGrant(client.id, fromCurl.name, 'auto');
    const called = await client.send('POST', '/api/agent/gateway', { tool: fromCurl.name, arguments: { text: 'hi' } });
    shown.push(called.text);
    expect(made(called).status).toBe('executed');
    expect(decodeURIComponent(reflecting.asked.at(-1)!.path)).toContain(inPath);

    // A document that offers its provider, the connector that is authorized there, and a call with its token.
    const clientSecret = canary('the secret of a client at a provider', provider.clientSecret);
    made(await say('POST', '/v1/secrets', { name: 'OAUTH_CLIENT', value: clientSecret, hosts: [provider.host] }));
    const document = JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Own', version: '1' },
      servers: [{ url: provider.api.url }],
      components: {
        securitySchemes: {
          login: {
            type: 'oauth2',
            flows: {
              authorizationCode: {
                authorizationUrl: `${provider.url}/authorize`,
                tokenUrl: `${provider.url}/token`,
                scopes: { read: '' },
              },
            },
          },
        },
      },
      paths: { '/x': { get: { operationId: 'own', responses: { 200: { description: 'ok' } } } } },
    });
    const { sha256, schemes } = made(await say('POST', '/v1/tools/openapi/preview', { document }));
    const authorization = {
      kind: 'oauth',
      ...schemes[0].oauth,
      client_id: provider.clientId,
      client_secret: '{{secret:OAUTH_CLIENT}}',
    };
    const request = { name: 'By a document', base_url: provider.api.url, authorization };
    const operations = [{ operation: 'GET /x' }];
    const imported = made(
      await say('POST', '/v1/tools/openapi/import', { document, sha256, connector: request, operations }),
    );
    const begun = made(await say('POST', `/v1/connectors/${imported.connector_id}/authorization`));
    made(await say('POST', '/v1/connectors/authorizations', await provider.browse(begun.authorize_url)));
    const own = imported.imported[0].name;
    await bench.newGrant(client.id, own, 'auto');
    const authorized = await client.send('POST', '/api/agent/gateway', { tool: own, arguments: {} });
    shown.push(authorized.text);
    expect(made(authorized).status).toBe('executed');
    canary('an access token', provider.api.tokens.at(-1)!);

    // Where a browser is reached, and the address of a channel.
    const reader = newPushReader();
    const endpoint = `${receiver.url}/201/${canary('where a browser is reached', 'push-endpoint-canary-8842', 'push_subscriptions')}`;
    canary('the secret of a browser', reader.keys.auth, 'push_subscriptions');
    made(await say('POST', '/v1/notices/push-subscriptions', { endpoint, keys: reader.keys }));
    const channel = `${receiver.url}/services/${canary('the address of a channel', 'T0-B0-canary-5519')}`;
    made(await say('PUT', '/v1/notices/slack', { url: channel }));

    // Of an approval, people are told; what is marked stays on the card. The envelope is where it belongs.
    const marked = canary('an argument that is marked', 'ssn-078-05-1120-canary', 'approvals');
    const { name: held } = await bench.newTool('/ok', {
      input_schema: {
        type: 'object',
        properties: { to: { type: 'string' }, ssn: { type: 'string', 'x-countersign': 'sensitive' } },
      },
    });
    await bench.newGrant(client.id, held, 'approve');
    const asked = { tool: held, arguments: { to: 'ada@example.com', ssn: marked } };
    const { approval_id } = made(await client.send('POST', '/api/agent/gateway', asked));
    const told = () => owner('GET', `/v1/approvals/${approval_id}/timeline`);
    await until('everybody is told', async () => {
      const all = made(await told()).told as { status: string; channel: string }[];
      return new Set(all.filter(({ status }) => status === 'sent').map((one) => one.channel)).size === 3;
    });

    // Each change of a webhook, and an address that answers with what it is sent.
    const hook = `/v1/webhooks/${everything.body.id}`;
    made(await say('POST', `${hook}/ping`));
    const rotated = made(await owner('POST', `${hook}/rotate-secret`));
    canary('the next signing secret of a webhook', rotated.secret);
    await until('all is delivered', async () => made(await owner('GET', hook)).pending === 0);
    const { items } = made(await say('GET', `${hook}/deliveries?limit=100`));
    made(await say('POST', `${hook}/deliveries/${items[0].id}/resend`));
    made(await say('DELETE', '/v1/notices/slack'));
    expect((await say('DELETE', '/v1/notices/push-subscriptions')).status).toBe(204);
    made(await say('DELETE', `/v1/connectors/${imported.connector_id}/authorization`));
    await until('all is delivered', async () => made(await owner('GET', hook)).pending === 0);
    await bench.gate.sequenced();

    for (const { method, path, permission } of routes) {
      const isRead = method === 'get' && !path.includes('{') && path !== '/v1/events' && permission !== 'signed-in';
      const query = path === '/v1/search' ? '?q=canary' : path.endsWith('/preview') ? '?scope=workspace' : '';
      if (isRead) await say('GET', path + query);
    }
    const tables = await bench.sql<{ name: string }>(
      `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`,
    );
    const kept = new Map<string, string>();
    for (const { name } of tables) {
      const [row] = await bench.sql<{ all: string | null }>(`select string_agg(t::text, ' ') as all from ${name} t`);
      kept.set(`table ${name}`, row!.all ?? '');
    }
    const pushed = receiver.received
      .filter(({ path }) => path.includes('/201/'))
      .map(({ bytes }) => reader.open(bytes));
    expect(pushed.length).toBeGreaterThan(0);
    const places = new Map<string, string>([
      ...kept,
      ['answers of the API', shown.join('\n')],
      ['the log', logged],
      ['live events', JSON.stringify(live.told)],
      [
        'webhooks',
        receiver
          .at('/all')
          .map(({ body, headers }) => body + JSON.stringify(headers))
          .join('\n'),
      ],
      [
        'the channel',
        receiver.received
          .filter(({ path }) => path.startsWith('/services'))
          .map(({ body }) => body)
          .join('\n'),
      ],
      ['mails', mail.mails.map(({ subject, text, html }) => `${subject}\n${text}\n${html}`).join('\n')],
      ['pushes', pushed.join('\n')],
    ]);
    live.close();
    const found: string[] = [];
    for (const [what, { value, keptIn }] of canaries) {
      for (const [place, text] of places) {
        if (keptIn !== undefined && place === `table ${keptIn}`) continue;
        if (what === 'an argument that is marked' && MAY_HOLD_ARGUMENTS.has(place)) continue;
        if (occurrencesOf(value, text).length > 0) found.push(`${what}: ${place}`);
      }
    }
    expect(found).toEqual([]);
    for (const place of ['the log', 'live events', 'webhooks', 'the channel', 'mails', 'pushes', 'table audit_log']) {
      expect([place, places.get(place)!.length > 50]).toEqual([place, true]);
    }
    expect(places.get('webhooks')).toContain('member.browser_added');
  });
});

/** An argument is part of its call: those who may read calls read it, and the call is kept. */
const MAY_HOLD_ARGUMENTS = new Set(['answers of the API', 'table agent_execution_logs', 'table gateway_queue']);
