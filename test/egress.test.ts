import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE } from '../src/upstream/hostile-targets.fixture.ts';
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
