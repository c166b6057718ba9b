import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE } from '../src/upstream/hostile-targets.fixture.ts';
import { until } from './faults/support/waiting.ts';
import { newPushReader } from './support/browser-push.ts';
import { engines } from './support/engines.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const targets = HOSTILE.flatMap(([, urls]) => urls);
/** One of each line of the table, where every one of them would take too long; egress.test.ts of src/upstream has all. */
const some = HOSTILE.map(([, urls]) => urls[0]!);

describe.each(engines)('hostile targets on %s', (engine) => {
  let bench: Workbench;
  let client: BenchClient;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
    client = await bench.newClient();
  });
  afterAll(() => bench?.close());

  test('nobody enters one, as an address or as a provider', async () => {
    const { owner } = bench.people;
    const entered: string[] = [];
    for (const [nth, url] of targets.entries()) {
      const authorization = {
        kind: 'oauth',
        authorize_url: 'https://a.example/authorize',
        token_url: 'https://a.example/token',
        client_id: 'a',
      };
      const configs = [
        { base_url: url },
        { base_url: 'https://a.example', authorization: { ...authorization, token_url: url } },
        { base_url: 'https://a.example', authorization: { ...authorization, revoke_url: url } },
      ];
      for (const config of some.includes(url) ? configs : configs.slice(0, 1)) {
        const reply = await owner('POST', '/v1/connectors', { name: `hostile ${nth}`, kind: 'http', config });
        if (reply.status !== 422) entered.push(`${reply.status} ${JSON.stringify(config)}`);
      }
    }
    expect(entered).toEqual([]);
  });

  /** Every other place where somebody enters an address that something is sent to. */
  const ENTERED: readonly (readonly [method: string, path: string, body: (url: string) => object])[] = [
    ['POST', '/v1/webhooks', (url) => ({ url, events: ['*'] })],
    ['PUT', '/v1/notices/slack', (url) => ({ url })],
    [
      'POST',
      '/v1/notices/push-subscriptions',
      (url) => ({
        endpoint: url,
        keys: { p256dh: randomBytes(65).toString('base64url'), auth: randomBytes(16).toString('base64url') },
      }),
    ],
    ['POST', '/v1/tools/openapi/preview', (url) => ({ url })],
    ['POST', '/v1/connectors', (url) => ({ name: 'x', kind: 'openapi', config: { base_url: url } })],
    ['POST', '/v1/connectors', (url) => ({ name: 'x', kind: 'mcp', config: { transport: 'http', url } })],
    [
      'POST',
      '/v1/connectors',
      (url) => ({ name: 'x', kind: 'webhook', config: { url, signing_secret: '{{secret:KEY}}' } }),
    ],
  ];

  test.each(ENTERED)('%s %s takes none of them', async (method, path, body) => {
    const taken: string[] = [];
    for (const url of some) {
      const { status, text } = await bench.people.owner(method, path, body(url));
      // A document is read a few times a minute.
      if (status !== 422 && status !== 429) taken.push(`${status} ${url} ${text}`);
    }
    expect(taken).toEqual([]);
  });

  test('a webhook, a channel and a browser that are in the database all the same are sent nothing', async () => {
    const { owner } = bench.people;
    const url = 'http://169.254.169.254/latest/meta-data';
    const hook = made(await owner('POST', '/v1/webhooks', { url: 'https://a.example/x', events: ['client.revoked'] }));
    await bench.sql('update webhook_endpoints set url = $2 where id = $1', [hook.id, url]);
    const { id } = made(await owner('POST', `/v1/webhooks/${hook.id}/ping`));
    const attempted = await until('it is tried', async () => {
      const { attempts } = made(await owner('GET', `/v1/webhooks/${hook.id}/deliveries/${id}`));
      return attempts.length > 0 && attempts;
    });
    expect(attempted).toMatchObject([{ status: null, error: expect.stringMatching(/egress guard/) }]);

    const keys = newPushReader().keys;
    made(await owner('POST', '/v1/notices/push-subscriptions', { endpoint: 'https://push.example/x', keys }));
    await bench.sql('update push_subscriptions set endpoint = $1', [url]);
    const tool = await bench.newTool('/x');
    await bench.newGrant(client.id, tool.name, 'approve');
    const asked = { tool: tool.name, arguments: { text: 'x' } };
    const { approval_id } = made(await client.send('POST', '/api/agent/gateway', asked));
    const told = await until('it is tried', async () => {
      const { told: all } = made(await owner('GET', `/v1/approvals/${approval_id}/timeline`));
      return all.find(({ channel, error }: { channel: string; error: string }) => channel === 'push' && error);
    });
    expect(told.error).toMatch(/egress guard/);
  });

  test('one that is in the database all the same is not called', async () => {
    const connector_id = await bench.newConnector('https://a.example');
    const tool = await bench.newTool('/x', { connector_id, input_schema: { type: 'object' } });
    await bench.newGrant(client.id, tool.name, 'auto');
    const called: string[] = [];
    for (const url of some) {
      await bench.sql('update connectors set config = $2 where id = $1', [
        connector_id,
        JSON.stringify({ base_url: url }),
      ]);
      const reply = await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: {} });
      if (reply.body.code !== 'egress_blocked') called.push(`${reply.status} ${reply.body.code} ${url}`);
    }
    expect(called).toEqual([]);
    const { items } = made(await bench.people.owner('GET', `/v1/executions?tool=${tool.name}&limit=1`));
    expect(items[0]).toMatchObject({ code: 'egress_blocked' });
  });
});
