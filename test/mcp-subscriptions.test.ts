import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type McpFixture, startMcpFixture } from '../src/upstream/kinds/mcp/server.fixture.ts';
import { engines } from './support/engines.ts';
import { handshaken, sessionStream, stateless, statelessRequest } from './support/mcp.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const URI = 'fixture://notes';

describe.each(engines)('resources that clients subscribe to, on %s', (engine) => {
  describe.each(['2026-07-28', '2025-11-25'] as const)('of a server that speaks %s', (speaks) => {
    let bench: Workbench;
    let server: McpFixture;
    let client: BenchClient;
    let grantId: string;

    beforeAll(async () => {
      server = await startMcpFixture(speaks, {});
      bench = await openWorkbench(engine, {}, undefined, server.host);
      client = await bench.newClient();
      const config = { transport: 'http', url: server.url };
      const { admin } = bench.people;
      const { id } = made(await admin('POST', '/v1/connectors', { name: 'Watched', kind: 'mcp', config }));
      const offer = made(await admin('POST', `/v1/connectors/${id}/mcp/discover`, {}));
      made(await admin('POST', `/v1/connectors/${id}/mcp/accept`, { resources: offer.resources.pin }));
      grantId = await bench.newGrant(client.id, 'watched.context.resources', 'auto');
    });
    afterAll(async () => {
      await bench?.close();
      await server?.close();
    });

    const sessionOf = async (): Promise<Record<string, string>> => {
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
      const { headers, body } = await handshaken(client.send, 'initialize', params);
      expect(body.result.capabilities.resources).toEqual({ subscribe: true });
      return { 'mcp-session-id': headers.get('mcp-session-id')! };
    };
    /** Tells of a change again and again, until the stream does. */
    async function told(stream: { next(): Promise<unknown> }, uri = URI): Promise<unknown> {
      const again = setInterval(() => server.updated(uri), 50);
      try {
        return await stream.next();
      } finally {
        clearInterval(again);
      }
    }
    const update = { method: 'notifications/resources/updated', params: { uri: URI } };

    test('a session hears on its stream of what it has subscribed to, and of nothing else', async () => {
      const [headers, others] = [await sessionOf(), await sessionOf()];
      const subscribed = await handshaken(client.send, 'resources/subscribe', { uri: URI }, { headers });
      expect(subscribed.body).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
      // Again, it is seen to that it is still watched.
      await handshaken(client.send, 'resources/subscribe', { uri: URI }, { headers });
      const [stream, silent] = [
        await sessionStream(bench.gate.url, client.token, headers),
        await sessionStream(bench.gate.url, client.token, others),
      ];
      expect(await told(stream)).toMatchObject(update);
      const nothing = silent.next().then(
        () => 'told',
        () => 'silent',
      );
      await handshaken(client.send, 'resources/subscribe', { uri: 'fixture://else' }, { headers: others });
      expect(await told(stream)).toMatchObject(update);
      silent.close();
      expect(await nothing).toBe('silent');
      stream.close();
      const calls = (await bench.entries({ actor: client.id })).filter(
        ({ event_type, data }) => event_type === 'execution.started' && data.tool === 'watched.context.resources',
      );
      expect(calls).toHaveLength(2);
    });

    test('what was not accepted cannot be subscribed to, and nobody subscribes without a session', async () => {
      const headers = await sessionOf();
      const refused = await handshaken(client.send, 'resources/subscribe', { uri: 'fixture://other' }, { headers });
      expect(refused.body.error).toMatchObject({ code: -32602, data: { uri: 'fixture://other' } });
      const { body } = await handshaken(client.send, 'resources/subscribe', { uri: URI });
      expect(body.error.code).toBe(-32602);
      const stranger = await bench.newClient();
      const strange = await handshaken(stranger.send, 'resources/subscribe', { uri: URI }, { headers });
      expect(strange.body.error).toMatchObject({ code: -32602, data: { code: 'not_granted' } });
    });

    test('a client of the stateless revision hears on the stream of its request', async () => {
      const params = { notifications: { resourceSubscriptions: [URI, 'fixture://other'], toolsListChanged: true } };
      const { body, headers } = statelessRequest('subscriptions/listen', params, { id: 7 });
      const response = await fetch(`${bench.gate.url}/mcp`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${client.token}` },
        body: JSON.stringify(body),
      });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const acknowledged = (await reader.read()).value!;
      expect(JSON.parse(acknowledged.split('data: ')[1]!)).toMatchObject({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { resourceSubscriptions: [URI] } },
      });
      const next = { next: async () => JSON.parse((await reader.read()).value!.split('data: ')[1]!) };
      expect(await told(next)).toMatchObject({
        ...update,
        params: { uri: URI, _meta: { 'io.modelcontextprotocol/subscriptionId': '7' } },
      });
      await reader.cancel();
      const tooMany = Array.from({ length: 65 }, (_, n) => `a://${n}`);
      const wrong = { notifications: { resourceSubscriptions: tooMany } };
      expect((await stateless(client.send, 'subscriptions/listen', wrong)).body.error.code).toBe(-32602);
    });

    test('whoever may not read the resource any more is told nothing', async () => {
      const headers = await sessionOf();
      await handshaken(client.send, 'resources/subscribe', { uri: URI }, { headers });
      const stream = await sessionStream(bench.gate.url, client.token, headers);
      made(await bench.people.owner('DELETE', `/v1/clients/${client.id}/grants/${grantId}`));
      const after = stream.next().then(
        () => 'told',
        () => 'silent',
      );
      for (let n = 0; n < 20; n += 1) {
        server.updated(URI);
        await bench.people.viewer('GET', '/v1/me');
      }
      await bench.people.owner('DELETE', `/v1/clients/${client.id}/tokens/${client.tokenId}`);
      server.updated(URI);
      expect(await after).toBe('silent');
    });
  });
});
