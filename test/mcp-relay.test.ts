import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import { handshaken, type McpOptions, stateless, streamOf } from './support/mcp.ts';
import { type AskingServer, startAskingServer } from './support/mcp-asking-server.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const RELAYS = ['sampling', 'elicitation', 'roots'];
const ALL = { sampling: {}, elicitation: {}, roots: {} };
const FORM = {
  method: 'elicitation/create',
  params: { message: 'Who are you?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } },
};
const SAMPLING = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 10 } };
const ADA = { action: 'accept', content: { name: 'Ada' } };
const MAC = expect.stringMatching(/^[0-9a-f]{64}$/);
/** The form as people are given it. */
const shown = (tool: string) => ({
  ...FORM,
  params: { ...FORM.params, message: `The server of ${tool} asks, not Countersign: Who are you?` },
});

describe.each(engines)('what a server asks in the middle of a call, on %s', (engine) => {
  let bench: Workbench;
  let client: BenchClient;
  let modern: AskingServer;
  let legacy: AskingServer;
  let count = 0;

  beforeAll(async () => {
    [modern, legacy] = [await startAskingServer('2026-07-28'), await startAskingServer('2025-11-25')];
    bench = await openWorkbench(engine, {}, undefined, `${modern.host} ${legacy.host}`);
    client = await bench.newClient();
  });
  afterEach(() => {
    for (const server of [modern, legacy]) {
      Object.assign(server, { asks: {}, state: undefined });
      for (const list of [server.calls, server.answers, server.declared]) list.length = 0;
    }
  });
  afterAll(async () => {
    await bench?.close();
    await modern?.close();
    await legacy?.close();
  });

  /** The server taken over as a connector of its own, and its tool granted; by the name that agents call. */
  async function connect(
    server: AskingServer,
    config: object = { relays: RELAYS },
    policy: 'auto' | 'approve' = 'auto',
  ) {
    count += 1;
    const { admin } = bench.people;
    const body = { name: `Asks ${count}`, kind: 'mcp', config: { transport: 'http', url: server.url, ...config } };
    const { id } = made(await admin('POST', '/v1/connectors', body));
    const offer = made(await admin('POST', `/v1/connectors/${id}/mcp/discover`, {}));
    const tools = [{ name: 'ask', pin: offer.tools[0].pin, effect: 'read' }];
    const accepted = made(await admin('POST', `/v1/connectors/${id}/mcp/accept`, { tools }));
    const { name } = accepted.tools[0];
    await bench.newGrant(client.id, name, policy);
    return name as string;
  }
  const call = (name: string, params: object = {}, options: McpOptions = {}, send = client.send) =>
    stateless(send, 'tools/call', { name, arguments: { n: 1 }, ...params }, { capabilities: ALL, ...options });
  const sessionOf = async (capabilities: object): Promise<Record<string, string>> => {
    const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'test', version: '1' } };
    const { headers } = await handshaken(client.send, 'initialize', params);
    return { 'mcp-session-id': headers.get('mcp-session-id')!, 'mcp-protocol-version': '2025-11-25' };
  };
  const streamed = (name: string, headers: Record<string, string>) =>
    streamOf(bench.gate.url, client.token, 'tools/call', { name, arguments: { n: 1 } }, headers);
  const answerTo = (id: unknown, body: object, headers: Record<string, string>) =>
    client.send('POST', '/mcp', { jsonrpc: '2.0', id, ...body }, headers);
  const given = async (executionId?: string) => {
    const entries = await bench.entries(
      executionId === undefined ? { actor: client.id } : { resources: [executionId] },
    );
    return entries.filter(({ event_type }) => event_type === 'execution.input_given');
  };

  describe('of a client that is answered with what is asked', () => {
    test('goes out with the same call again, and is in the log before', async () => {
      const name = await connect(modern);
      modern.asks = { who: FORM };
      modern.state = 'the state of the server';
      const asked = (await call(name)).body.result;
      expect(asked).toMatchObject({ resultType: 'input_required', inputRequests: { who: shown(name) } });
      expect(asked.requestState).not.toContain('the state');
      const before = (await given()).length;
      const { body } = await call(name, { inputResponses: { who: ADA }, requestState: asked.requestState });
      expect(body.result).toMatchObject({ resultType: 'complete', content: [{ text: JSON.stringify({ who: ADA }) }] });
      expect(modern.calls.map(({ _meta, ...params }) => params)).toEqual([
        { name: 'ask', arguments: { n: 1 } },
        { name: 'ask', arguments: { n: 1 }, inputResponses: { who: ADA }, requestState: 'the state of the server' },
      ]);
      const told = (await given()).slice(before);
      expect(told).toMatchObject([{ data: { tool: name, method: 'input_responses', answer_hmac: MAC } }]);
      const events = (await bench.entries({ resources: [told[0]!.resource.id] })).map(({ event_type }) => event_type);
      expect(new Set(events)).toEqual(new Set(['execution.started', 'execution.input_given', 'execution.executed']));
      expect(JSON.stringify(await bench.entries())).not.toContain('"Ada"');
    });

    test('a state is for the caller and the call that it was given for, and as it was given', async () => {
      const name = await connect(modern);
      modern.asks = { who: FORM };
      modern.state = 'kept';
      const { requestState } = (await call(name)).body.result;
      const other = await bench.newClient();
      await bench.newGrant(other.id, name, 'auto');
      const again = { inputResponses: { who: ADA }, requestState };
      const calls = modern.calls.length;
      const refused = [
        await call(name, { ...again, requestState: `${requestState}x` }),
        await call(name, { ...again, requestState: 'kept' }),
        await call(name, { ...again, requestState: 7 }),
        await call(name, { ...again, arguments: { n: 2 } }),
        await call(name, again, {}, other.send),
        await call(name, { inputResponses: null }),
        await call(name, { inputResponses: { who: 'Ada' } }),
        await call(name, { inputResponses: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [n, ADA])) }),
      ];
      for (const { body } of refused) expect(body.error?.code, JSON.stringify(body)).toBe(-32602);
      expect(modern.calls).toHaveLength(calls);
      expect((await call(name, again)).body.result.resultType).toBe('complete');
    });

    test('only what the connector lets through and the client can do is declared and passed on', async () => {
      modern.asks = { who: FORM };
      const some = await connect(modern, { relays: ['sampling'] });
      const none = await connect(modern, {});
      const all = await connect(modern);
      for (const answer of [await call(some), await call(none), await call(all, {}, { capabilities: { roots: {} } })]) {
        expect(answer.body.result).toMatchObject({ isError: true, structuredContent: { status: 'failed' } });
      }
      expect(modern.declared).toEqual([{ sampling: {} }, {}, { roots: {} }]);
      modern.asks = { page: { method: 'elicitation/create', params: { mode: 'url', url: 'https://x.example' } } };
      expect((await call(all)).body.result.isError).toBe(true);
      modern.asks = { odd: { method: 'tools/call', params: {} } };
      expect((await call(all)).body.result.isError).toBe(true);
    });

    test('a call that people approve is made as they saw it', async () => {
      const name = await connect(modern, { relays: RELAYS }, 'approve');
      modern.asks = { who: FORM };
      const { approval_id } = (await call(name)).body.result.structuredContent;
      const { payload_sha256 } = made(await bench.people.owner('GET', `/v1/approvals/${approval_id}`));
      const decision = { decision: 'granted', payload_sha256 };
      made(await bench.people.admin('POST', `/v1/approvals/${approval_id}/decisions`, decision));
      const waited = await stateless(client.send, 'tools/call', { name: 'await_approval', arguments: { approval_id } });
      expect(waited.body.result).toMatchObject({ isError: true, structuredContent: { status: 'failed' } });
      expect(modern.declared).toEqual([{}]);
    });
  });

  describe('of a client that is asked on the stream of its call', () => {
    test.each(['2026-07-28', '2025-11-25'])('is answered there, by a server that speaks %s', async (speaks) => {
      const server = speaks === '2026-07-28' ? modern : legacy;
      const name = await connect(server);
      // Before the call: a new client changes the configuration, and nothing would be sent.
      const stranger = await bench.newClient();
      server.asks = { who: FORM, model: SAMPLING };
      const before = (await given()).length;
      const headers = await sessionOf(ALL);
      const stream = await streamed(name, headers);
      const first = await stream.next();
      expect(first).toMatchObject(shown(name));
      const lie = { jsonrpc: '2.0', id: first.id, result: { action: 'accept', content: { name: 'Mallory' } } };
      await stranger.send('POST', '/mcp', lie, headers);
      expect((await answerTo(first.id, { result: ADA }, headers)).status).toBe(202);
      const second = await stream.next();
      expect(second).toMatchObject(SAMPLING);
      const written = { role: 'assistant', content: { type: 'text', text: 'Hi' }, model: 'm' };
      await answerTo(second.id, { result: written }, headers);
      const { result } = await stream.next();
      expect(result.isError).toBeUndefined();
      expect(result.content[0].text).toContain('"Ada"');
      expect(result.content[0].text).not.toContain('Mallory');
      const told = (await given()).slice(before);
      expect(told.map(({ data, resource }) => [data.method, data.action, data.answer_hmac, resource.kind])).toEqual([
        [FORM.method, 'accept', MAC, 'execution'],
        [SAMPLING.method, undefined, MAC, 'execution'],
      ]);
      if (speaks === '2025-11-25') expect(server.declared.at(-1)).toEqual({ ...ALL, elicitation: { form: {} } });
    });

    test('what it does not answer is declined to the server', async () => {
      const name = await connect(legacy);
      legacy.asks = { who: FORM };
      const headers = await sessionOf(ALL);
      const stream = await streamed(name, headers);
      const { id } = await stream.next();
      await answerTo(id, { error: { code: -1, message: 'The person is away' } }, headers);
      await stream.next();
      expect(legacy.answers).toMatchObject([{ error: { code: -32601 } }]);
    });

    test.each(['2026-07-28', '2025-11-25'])(
      'what it says after the configuration has changed is not sent to a server that speaks %s',
      async (speaks) => {
        const server = speaks === '2026-07-28' ? modern : legacy;
        const name = await connect(server);
        server.asks = { who: FORM };
        const headers = await sessionOf(ALL);
        const stream = await streamed(name, headers);
        const { id } = await stream.next();
        const other = await bench.newClient();
        await bench.newGrant(other.id, name, 'auto');
        await answerTo(id, { result: ADA }, headers);
        const { result } = await stream.next();
        expect(JSON.stringify([result, server.calls, server.answers])).not.toContain('Ada');
        if (speaks === '2026-07-28') expect(result.structuredContent.status).toBe('unknown');
      },
    );

    test('a client that cannot, and one whose connector lets nothing through, are asked nothing', async () => {
      legacy.asks = { who: FORM };
      const [name, closed] = [await connect(legacy), await connect(legacy, {})];
      for (const [tool, capabilities] of [
        [name, { sampling: {} }],
        [closed, ALL],
      ] as const) {
        const headers = await sessionOf(capabilities);
        const { body } = await handshaken(client.send, 'tools/call', { name: tool, arguments: { n: 1 } }, { headers });
        expect(body.result.content[0].text).toContain('-32601');
      }
      const rest = await client.send('POST', '/api/agent/gateway', { tool: name, arguments: {} });
      expect(rest.body.result.content[0].text).toContain('-32601');
    });
  });

  test('what was sent to the server as a secret does not come back in what it asks', async () => {
    const value = 'a value that nobody sees';
    made(await bench.people.owner('POST', '/v1/secrets', { name: 'ASKS_KEY', value, hosts: [legacy.host] }));
    const headers = { 'X-Key': '{{secret:ASKS_KEY}}' };
    const name = await connect(legacy, { relays: RELAYS, headers });
    legacy.asks = { who: { ...FORM, params: { ...FORM.params, message: `Is it ${value}?` } } };
    const session = await sessionOf(ALL);
    const stream = await streamed(name, session);
    const { id, params } = await stream.next();
    expect(params.message).toMatch(/: Is it {{secret:ASKS_KEY}}\?$/);
    await answerTo(id, { result: ADA }, session);
    await stream.next();
  });
});
