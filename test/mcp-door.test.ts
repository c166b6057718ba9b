import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import type { Send } from './support/gate.ts';
import {
  eventsOf,
  handshaken,
  type McpOptions,
  STATELESS,
  stateless,
  statelessRequest,
  streamOf,
} from './support/mcp.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const PAGES = { elicitation: { url: {} } };
const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';
/** How a tool is called where models read its name. */
const shown = (name: string): string => name.replaceAll('.', '-');
const SEEN = { accept: 'application/json, text/event-stream' };

describe.each(engines)('POST /mcp on %s', (engine) => {
  let bench: Workbench;
  let client: BenchClient;
  let auto: string;
  let held: string;

  beforeAll(async () => {
    bench = await openWorkbench(engine);
    client = await bench.newClient();
    auto = (await bench.newTool('/ok', { effect: 'read', description: 'Looks something up.' })).name;
    held = (await bench.newTool('/ok', { effect: 'delete' })).name;
    await bench.newGrant(client.id, auto, 'auto');
    await bench.newGrant(client.id, held, 'approve');
  });
  afterAll(() => bench?.close());

  const call = (name: string, options: McpOptions = {}, send: Send = client.send) =>
    stateless(send, 'tools/call', { name, arguments: { text: 'Hello' } }, options);

  /** People grant what waits, and it is made. */
  const grant = async (id: string): Promise<void> => {
    const { payload_sha256 } = made(await bench.people.owner('GET', `/v1/approvals/${id}`));
    made(await bench.people.admin('POST', `/v1/approvals/${id}/decisions`, { decision: 'granted', payload_sha256 }));
  };
  const deny = async (id: string, reason: string): Promise<void> => {
    const { payload_sha256 } = made(await bench.people.owner('GET', `/v1/approvals/${id}`));
    const body = { decision: 'denied', reason, payload_sha256 };
    made(await bench.people.admin('POST', `/v1/approvals/${id}/decisions`, body));
  };

  describe('the stateless revision', () => {
    test('discovers the gate, and who it is stands in every result', async () => {
      const { status, body } = await stateless(client.send, 'server/discover', {}, { id: 'first' });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        jsonrpc: '2.0',
        id: 'first',
        result: {
          resultType: 'complete',
          supportedVersions: [STATELESS],
          capabilities: { tools: {}, ...TASKS },
          ttlMs: 0,
          cacheScope: 'private',
          _meta: { [SERVER_INFO]: { name: 'countersign', version: expect.any(String) } },
        },
      });
    });

    test('lists exactly what the client may call, and what its people must know', async () => {
      const other = await bench.newTool('/ok');
      const { body } = await stateless(client.send, 'tools/list');
      const { tools } = body.result;
      expect(tools.map(({ name }: { name: string }) => name)).toEqual([
        shown(auto),
        shown(held),
        'get_approval_status',
        'await_approval',
      ]);
      expect(JSON.stringify(tools)).not.toContain(other.name);
      expect(tools[0]).toMatchObject({
        title: auto,
        description: 'Looks something up.',
        inputSchema: { type: 'object', required: ['text'] },
        outputSchema: { type: 'object', required: ['status'] },
        annotations: { readOnlyHint: true },
        _meta: { 'countersign/effect': 'read', 'countersign/policy': 'auto' },
      });
      expect(tools[1]).toMatchObject({
        description: 'A person has to approve each call before it runs.',
        annotations: { readOnlyHint: false, destructiveHint: true },
      });
    });

    test('does not list what a kill switch stops', async () => {
      const { id } = made(
        await bench.people.owner('POST', '/v1/kill-switches', { scope: 'client', id: client.id, reason: 'A test' }),
      );
      const { body } = await stateless(client.send, 'tools/list');
      made(await bench.people.owner('DELETE', `/v1/kill-switches/${id}`));
      expect(body.result.tools).toEqual([]);
    });

    test('calls a tool: the result is as it came, and the call is recorded as one of this door', async () => {
      const { body } = await call(shown(auto), { id: 7 });
      expect(body.id).toBe(7);
      expect(body.result).toMatchObject({
        resultType: 'complete',
        content: [{ type: 'text', text: '{"done":true}' }],
        structuredContent: { status: 'executed', result: { done: true } },
      });
      const { execution_id } = body.result.structuredContent;
      const execution = made(await client.send('GET', `/v1/executions/${execution_id}`));
      expect(execution).toMatchObject({ tool: auto, via: 'mcp', status: 'executed' });
    });

    test('an unknown tool and one that was not granted are refused in the same words', async () => {
      const other = await bench.newTool('/ok');
      const [unknown, ungranted] = [await call('no.such_tool'), await call(other.name)];
      const said = ({ body }: typeof unknown) => {
        const { execution_id: _, ...structured } = body.result.structuredContent;
        return { ...body.result, structuredContent: structured };
      };
      expect(said(unknown)).toEqual(said(ungranted));
      expect(said(unknown)).toMatchObject({
        isError: true,
        structuredContent: { status: 'refused', code: 'not_granted', step: 'grant' },
      });
    });

    const { body: whole, headers } = statelessRequest('tools/list', {});
    const faults: readonly (readonly [string, object | string, Record<string, string>, number, number])[] = [
      ['no _meta', { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, {}, 400, -32602],
      ['a header that names another version', whole, { 'mcp-protocol-version': '2025-11-25' }, 400, -32020],
      ['a header that names another method', whole, { 'mcp-method': 'tools/call' }, 400, -32020],
      ['no header of the method', whole, { 'mcp-method': '' }, 400, -32020],
      ['a method that is none', statelessRequest('ping', {}).body, { 'mcp-method': 'ping' }, 404, -32601],
      ['a version that nobody speaks', replaced('2099-01-01'), { 'mcp-protocol-version': '2099-01-01' }, 400, -32022],
      ['a batch', [whole], {}, 400, -32600],
      ['no JSON-RPC', { id: 1, method: 'tools/list' }, {}, 400, -32600],
      ['an id of null', { ...whole, id: null }, {}, 400, -32600],
      ['half a message', '{"jsonrpc":"2.0"', {}, 400, -32700],
      ['two members of one name', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', {}, 400, -32700],
      ['a cursor of somebody else', statelessRequest('tools/list', { cursor: 'bm9uZQ' }).body, {}, 200, -32602],
      [
        'a name that is a number',
        statelessRequest('tools/call', { name: 7 }).body,
        { 'mcp-method': 'tools/call' },
        200,
        -32602,
      ],
    ];
    test.each(faults)('answers %s with a fault of the protocol', async (_, sent, more, status, code) => {
      const reply = await client.send('POST', '/mcp', sent, { ...headers, ...more });
      expect({ status: reply.status, code: reply.body.error?.code }).toEqual({ status, code });
      expect(reply.body).toMatchObject({ jsonrpc: '2.0', error: { message: expect.stringMatching(/\S/) } });
    });

    test('names the argument that was wrong, and says what there is instead', async () => {
      const meta = { 'countersign/approve': true };
      const { body } = await call(auto, { meta });
      expect(body.error.message).toMatch(/countersign\/approve/);
      expect(body.error.message).toMatch(/countersign\/wait_seconds/);
      expect(body.error.data).toEqual({ code: 'invalid_payload', step: 'payload' });
    });

    test('reads the name from a header in base64, and holds it against the body', async () => {
      const encoded = (name: string) => `=?base64?${Buffer.from(name).toString('base64')}?=`;
      expect((await call(auto, { headers: { 'mcp-name': encoded(auto) } })).body.result.isError).toBeUndefined();
      expect((await call(auto, { headers: { 'mcp-name': encoded(held) } })).body.error.code).toBe(-32020);
      expect((await call(auto, { headers: { 'mcp-name': '=?base64?*?=' } })).body.error.code).toBe(-32020);
    });

    test('pages a long list, and offers the means to search it to whoever asks', async () => {
      const many = await bench.newClient();
      const names: string[] = [];
      for (let nth = 0; nth < 53; nth++) {
        const { name } = await bench.newTool('/ok', { effect: 'read', description: `Finds the number n${nth}n` });
        names.push(name);
        await bench.newGrant(many.id, name, 'auto');
      }
      const first = (await stateless(many.send, 'tools/list')).body.result;
      expect(first.tools).toHaveLength(50);
      const { tools: rest, nextCursor } = (await stateless(many.send, 'tools/list', { cursor: first.nextCursor })).body
        .result;
      expect(nextCursor).toBeUndefined();
      const listed = [...first.tools, ...rest].map(({ name }: { name: string }) => name);
      expect(listed).toEqual(names.toSorted().map(shown));

      const path = '/mcp?tools=search';
      const found = (await stateless(many.send, 'tools/list', {}, { path })).body.result.tools;
      expect(found.map(({ name }: { name: string }) => name)).toEqual(['search_tools', 'describe_tool', 'call_tool']);
      const own = (name: string, args: object) => stateless(many.send, 'tools/call', { name, arguments: args });
      const { tools } = (await own('search_tools', { query: 'number n17n' })).body.result.structuredContent;
      expect(tools[0].description).toBe('Finds the number n17n');
      const described = (await own('describe_tool', { name: tools[0].name })).body.result.structuredContent;
      expect(described.input_schema.required).toEqual(['text']);
      const called = (await own('call_tool', { name: tools[0].name, arguments: { text: 'Hello' } })).body.result;
      expect(called.structuredContent).toMatchObject({ status: 'executed' });
      expect((await own('describe_tool', { name: held })).body.result.structuredContent.code).toBe('not_granted');
      const refused = (await own('call_tool', { name: held, arguments: { text: 'Hello' } })).body.result;
      expect(refused.structuredContent.code).toBe('not_granted');
      const headers = { 'countersign-tools': 'search' };
      expect((await stateless(many.send, 'tools/list', {}, { headers })).body.result.tools).toHaveLength(3);
      // What is short is shown whole.
      expect((await stateless(client.send, 'tools/list', {}, { path })).body.result.tools).toHaveLength(4);
    });

    test('a path below shows one family of tools by their short names', async () => {
      const path = '/mcp/made';
      const { tools } = (await stateless(client.send, 'tools/list', {}, { path })).body.result;
      expect(tools[0].name).toBe(auto.slice('made.'.length));
      expect((await call(tools[0].name, { path })).body.result.structuredContent.status).toBe('executed');
      expect((await call(auto, { path })).body.result.structuredContent.code).toBe('not_granted');
    });
  });

  describe('a call that waits', () => {
    test('says that nothing has run, and its approval is waited for with a tool', async () => {
      const { body } = await call(held);
      const { status, approval_id } = body.result.structuredContent;
      expect(status).toBe('pending_approval');
      expect(body.result.content[0].text).toMatch(/^Nothing has run\./);
      const before = bench.stub.arrivals.length;
      const asking = (name: string, args: object = {}) =>
        stateless(client.send, 'tools/call', { name, arguments: { approval_id, ...args } });
      expect((await asking('get_approval_status')).body.result.structuredContent.status).toBe('pending_approval');
      expect((await asking('await_approval', { wait_seconds: 1 })).body.result.structuredContent.status).toBe(
        'pending_approval',
      );
      const waiting = asking('await_approval');
      await grant(approval_id);
      expect((await waiting).body.result).toMatchObject({
        content: [{ type: 'text', text: '{"done":true}' }],
        structuredContent: { status: 'executed' },
      });
      expect((await asking('get_approval_status')).body.result.structuredContent.status).toBe('executed');
      expect(bench.stub.arrivals.length - before).toBe(1);
    });

    test('is told who denied it why, as a text that is no instruction', async () => {
      const { approval_id } = (await call(held)).body.result.structuredContent;
      await deny(approval_id, 'Ask the customer first');
      const { body } = await stateless(client.send, 'tools/call', {
        name: 'await_approval',
        arguments: { approval_id },
      });
      expect(body.result).toMatchObject({
        isError: true,
        structuredContent: {
          code: 'approval_denied',
          approval_id,
          approver_reason: { text: 'Ask the customer first', untrusted: true },
        },
      });
      expect(body.result.content[0].text).toContain('not an instruction');
    });

    test('is nobody else’s to ask about', async () => {
      const { approval_id } = (await call(held)).body.result.structuredContent;
      const stranger = await bench.newClient();
      const foreign = bench.gate.client(bench.gate.other.clients[0]!.token);
      for (const send of [stranger.send, foreign]) {
        for (const id of [approval_id, 'apv_nonsense']) {
          const reply = await stateless(send, 'tools/call', {
            name: 'get_approval_status',
            arguments: { approval_id: id },
          });
          expect(reply.body.result.structuredContent.code).toBe('approval_not_found');
        }
      }
    });

    test('is a task where the client knows tasks, from its beginning to its result', async () => {
      const options = { capabilities: TASKS };
      const created = (await call(held, options)).body.result;
      expect(created).toMatchObject({ resultType: 'task', status: 'working', ttlMs: null, pollIntervalMs: 2000 });
      const { taskId } = created;
      const get = async () => (await stateless(client.send, 'tasks/get', { taskId }, options)).body.result;
      expect(await get()).toMatchObject({ resultType: 'complete', taskId, status: 'working' });
      const { approval_id } = made(await client.send('GET', `/v1/executions/${taskId}`));
      await grant(approval_id);
      const wait = { name: 'await_approval', arguments: { approval_id } };
      await stateless(client.send, 'tools/call', wait);
      expect(await get()).toMatchObject({
        status: 'completed',
        result: { resultType: 'complete', structuredContent: { status: 'executed', execution_id: taskId } },
      });
    });

    test('is taken back by cancelling its task', async () => {
      const options = { capabilities: TASKS };
      const { taskId } = (await call(held, options)).body.result;
      const cancelled = await stateless(client.send, 'tasks/cancel', { taskId }, options);
      expect(cancelled.body.result).toMatchObject({ resultType: 'complete' });
      expect((await stateless(client.send, 'tasks/get', { taskId }, options)).body.result.status).toBe('cancelled');
      const { approval_id, status } = made(await client.send('GET', `/v1/executions/${taskId}`));
      expect(status).toBe('cancelled');
      expect(made(await bench.people.owner('GET', `/v1/approvals/${approval_id}`)).status).toBe('cancelled');
      // Again, and of what has ended, it is the same.
      expect((await stateless(client.send, 'tasks/cancel', { taskId }, options)).status).toBe(200);
    });

    test('tasks are their own client’s, and need the extension', async () => {
      const options = { capabilities: TASKS };
      const { taskId } = (await call(held, options)).body.result;
      const stranger = await bench.newClient();
      for (const method of ['tasks/get', 'tasks/cancel']) {
        const foreign = await stateless(stranger.send, method, { taskId }, options);
        expect(foreign.body.error).toMatchObject({ code: -32602, message: 'There is no such task.' });
        const unable = await stateless(client.send, method, { taskId });
        expect([unable.status, unable.body.error.code]).toEqual([400, -32021]);
        expect(unable.body.error.data.requiredCapabilities).toEqual(TASKS);
      }
    });

    test('asks for the page of the approval where the client can show one, and goes on when it comes again', async () => {
      const options = { capabilities: PAGES };
      const first = (await call(held, options)).body.result;
      const { inputRequests, requestState } = first;
      expect(first.resultType).toBe('input_required');
      expect(inputRequests.approval).toMatchObject({
        method: 'elicitation/create',
        params: { mode: 'url', url: `${bench.gate.url}/approvals/${requestState}` },
      });
      const again = (action: string, name = held) =>
        stateless(
          client.send,
          'tools/call',
          { name, arguments: { text: 'Hello' }, requestState, inputResponses: { approval: { action } } },
          options,
        );
      expect((await again('decline')).body.result.structuredContent).toMatchObject({
        status: 'pending_approval',
        approval_id: requestState,
      });
      expect((await again('accept', auto)).body.error.code).toBe(-32602);
      const through = { name: held, arguments: { text: 'Hello' } };
      const inputResponses = { approval: { action: 'decline' } };
      const params = { name: 'call_tool', arguments: through, requestState, inputResponses };
      expect((await stateless(client.send, 'tools/call', params, options)).body.result.structuredContent).toMatchObject(
        {
          status: 'pending_approval',
          approval_id: requestState,
        },
      );
      const waiting = again('accept');
      await grant(requestState);
      expect((await waiting).body.result.structuredContent).toMatchObject({ status: 'executed' });
      const count = await bench.sql('select count(*)::int as n from approvals where tool_name = $1 and status = $2', [
        held,
        'consumed',
      ]);
      expect(count).not.toEqual([{ n: 0 }]);
    });

    test('tells on its stream that it goes on waiting, before it answers', async () => {
      const { approval_id } = (await call(held)).body.result.structuredContent;
      const waiting = stateless(
        client.send,
        'tools/call',
        { name: 'await_approval', arguments: { approval_id } },
        { id: 'w', meta: { progressToken: 'p-1' } },
      );
      await grant(approval_id);
      const { headers, text } = await waiting;
      expect(headers.get('content-type')).toBe('text/event-stream');
      const [progress, ...rest] = eventsOf(text);
      expect(progress).toMatchObject({
        method: 'notifications/progress',
        params: { progressToken: 'p-1', progress: 1 },
      });
      expect(rest.at(-1)).toMatchObject({ id: 'w', result: { structuredContent: { status: 'executed' } } });
    });

    test('is made by its own client where that says so, with the id of its approval', async () => {
      const meta = { 'countersign/execute_on_approval': false };
      const { approval_id } = (await call(held, { meta, capabilities: TASKS })).body.result.structuredContent;
      await grant(approval_id);
      const status = { name: 'get_approval_status', arguments: { approval_id } };
      const before = (await stateless(client.send, 'tools/call', status)).body.result.structuredContent;
      expect(before.status).toBe('approved');
      const { result } = (await call(held, { meta: { 'countersign/approval_id': approval_id } })).body;
      expect(result.structuredContent.status).toBe('executed');
    });
  });

  describe('the revisions with a handshake', () => {
    const initialize = (capabilities: object = {}, protocolVersion = '2025-11-25') =>
      handshaken(client.send, 'initialize', {
        protocolVersion,
        capabilities,
        clientInfo: { name: 'a test', version: '1' },
      });
    const sessionOf = async (capabilities: object = {}) => {
      const { headers } = await initialize(capabilities);
      return { 'mcp-session-id': headers.get('mcp-session-id')! };
    };

    test('begin with initialize, and name a version that both know', async () => {
      for (const [asked, named] of [
        ['2025-11-25', '2025-11-25'],
        ['2025-06-18', '2025-06-18'],
        ['1999-01-01', '2025-11-25'],
      ]) {
        const { body } = await initialize({}, asked);
        expect(body.result).toMatchObject({
          protocolVersion: named,
          capabilities: { tools: {} },
          serverInfo: { name: 'countersign' },
        });
      }
    });

    test('serve tools with a session, without one, and not with one that was never given out', async () => {
      const session = await sessionOf();
      const params = { name: auto, arguments: { text: 'Hello' } };
      for (const headers of [session, {}]) {
        const { body } = await handshaken(client.send, 'tools/call', params, { headers });
        expect(body.result.structuredContent.status).toBe('executed');
        expect(body.result.resultType).toBeUndefined();
      }
      const headers = { 'mcp-session-id': 'made-up' };
      expect((await handshaken(client.send, 'tools/call', params, { headers })).status).toBe(404);
    });

    test('have no stream without a session, and nothing to end', async () => {
      for (const method of ['GET', 'DELETE', 'PUT']) {
        const { status, headers } = await client.send(method, '/mcp', undefined, SEEN);
        expect([method, status, headers.get('allow')]).toEqual([method, 405, 'POST']);
      }
      const made = { ...SEEN, 'mcp-session-id': 'made-up' };
      expect((await client.send('GET', '/mcp', undefined, made)).status).toBe(404);
      expect((await bench.gate.anyone('GET', '/mcp', undefined, made)).status).toBe(401);
      const { accept: _, ...headers } = { ...SEEN, ...(await sessionOf()) };
      expect((await client.send('GET', '/mcp', undefined, { ...headers, accept: 'text/html' })).status).toBe(406);
    });

    test('notifications are taken note of, and a method that is none is told so', async () => {
      const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
      const { status, text } = await client.send('POST', '/mcp', initialized, SEEN);
      expect([status, text]).toEqual([202, '']);
      expect((await handshaken(client.send, 'ping')).body).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
      const unknown = await handshaken(client.send, 'server/discover');
      expect([unknown.status, unknown.body.error.code]).toEqual([200, -32601]);
      const old = await handshaken(client.send, 'ping', {}, { headers: { 'mcp-protocol-version': '2024-01-01' } });
      expect([old.status, old.body.error.code]).toEqual([400, -32000]);
    });

    test('a call that waits asks for the page on its stream, and answers when people have decided', async () => {
      const headers = await sessionOf(PAGES);
      const waiting = openStream(held, headers);
      const stream = await waiting;
      const asked = await stream.next();
      expect(asked).toMatchObject({ method: 'elicitation/create', params: { mode: 'url' } });
      const { url, elicitationId } = asked.params;
      const answer = { jsonrpc: '2.0', id: asked.id, result: { action: 'accept' } };
      expect((await client.send('POST', '/mcp', answer, headers)).status).toBe(202);
      await grant(new URL(url).pathname.split('/').at(-1)!);
      expect(await stream.next()).toMatchObject({
        method: 'notifications/elicitation/complete',
        params: { elicitationId },
      });
      expect(await stream.next()).toMatchObject({ id: 1, result: { structuredContent: { status: 'executed' } } });
    });

    test('a person who does not want to look gets the agent its answer at once; nobody else can say so', async () => {
      const headers = await sessionOf(PAGES);
      const stream = await openStream(held, headers);
      const { id } = await stream.next();
      const no = { jsonrpc: '2.0', id, result: { action: 'decline' } };
      const stranger = await bench.newClient();
      await stranger.send('POST', '/mcp', no, headers);
      await client.send('POST', '/mcp', no, headers);
      expect(await stream.next()).toMatchObject({ method: 'notifications/elicitation/complete' });
      expect(await stream.next()).toMatchObject({ result: { structuredContent: { status: 'pending_approval' } } });
    });

    test('a request that is taken back waits no longer, and its approval stays', async () => {
      const { approval_id } = (await call(held)).body.result.structuredContent;
      const headers = await sessionOf();
      const others = await sessionOf();
      const waiting = openStream('await_approval', headers, { approval_id }, { progressToken: 1 });
      const stream = await waiting;
      await stream.next();
      const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
      await client.send('POST', '/mcp', cancel, others);
      await client.send('POST', '/mcp', cancel, headers);
      expect(await stream.next()).toMatchObject({ result: { structuredContent: { status: 'pending_approval' } } });
      expect(made(await bench.people.owner('GET', `/v1/approvals/${approval_id}`)).status).toBe('pending');
    });

    /** Sends a call, and gives its events one by one as they come. */
    const openStream = (name: string, headers: Record<string, string>, args: object = { text: 'Hello' }, _meta = {}) =>
      streamOf(bench.gate.url, client.token, 'tools/call', { name, arguments: args, _meta }, headers);
  });

  describe('who may ask', () => {
    test('nobody without a token: 401 says where to read what is wanted, and that can be read', async () => {
      for (const send of [bench.gate.anyone, bench.gate.client('nonsense')]) {
        const { status, headers } = await stateless(send, 'tools/list');
        expect(status).toBe(401);
        const metadata = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate')!)![1]!;
        const response = await fetch(metadata);
        expect(await response.json()).toMatchObject({
          resource: `${bench.gate.url}/mcp`,
          bearer_methods_supported: ['header'],
        });
      }
    });

    test('a token that was revoked meanwhile is none, for calls, lists and waits alike', async () => {
      const ended = await bench.newClient();
      await bench.newGrant(ended.id, held, 'approve');
      const { approval_id } = (await call(held, {}, ended.send)).body.result.structuredContent;
      made(await bench.people.owner('DELETE', `/v1/clients/${ended.id}/tokens/${ended.tokenId}`));
      const wait = { name: 'await_approval', arguments: { approval_id } };
      for (const reply of [
        await call(held, {}, ended.send),
        await stateless(ended.send, 'tools/list'),
        await stateless(ended.send, 'server/discover'),
        await stateless(ended.send, 'tools/call', wait),
      ]) {
        expect([reply.status, reply.body.code]).toEqual([401, 'unauthenticated']);
      }
    });

    test('no page of another site, and nobody who asks for another host', async () => {
      const from = (origin: string) => stateless(client.send, 'tools/list', {}, { headers: { origin } });
      for (const origin of ['https://evil.example', 'null', `${bench.gate.url}.evil.example`]) {
        expect([origin, (await from(origin)).status]).toEqual([origin, 403]);
      }
      expect((await from(bench.gate.url)).status).toBe(200);
    });

    test('whoever asks too often is told for how long to wait', async () => {
      const slow = await bench.newClient({ rpm_limit: 1 });
      await bench.newGrant(slow.id, auto, 'auto');
      await call(auto, {}, slow.send);
      const { body, headers } = await call(auto, {}, slow.send);
      expect(body.result).toMatchObject({
        isError: true,
        structuredContent: { code: 'rate_limited', retry_after_seconds: expect.any(Number) },
      });
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
    });

    test('a hundred clients of two workspaces with the same ids get their own answers', async () => {
      const foreign = bench.gate.client(bench.gate.other.clients[0]!.token);
      const senders = await Promise.all(
        Array.from({ length: 50 }, async () => {
          const one = await bench.newClient();
          const { name } = await bench.newTool('/ok', { effect: 'read' });
          await bench.newGrant(one.id, name, 'auto');
          return { send: one.send, name };
        }),
      );
      const asked = senders.flatMap(({ send, name }) => [
        { send, tools: [name], text: `of ${name}` },
        { send: foreign, tools: undefined, text: '' },
      ]);
      const replies = await Promise.all(
        asked.flatMap(({ send, tools }) =>
          ['same', 1].map(async (id) => ({ id, tools, reply: await stateless(send, 'tools/list', {}, { id }) })),
        ),
      );
      const theirs = (await stateless(foreign, 'tools/list')).body.result.tools;
      for (const { id, tools, reply } of replies) {
        expect(reply.body.id).toBe(id);
        if (tools === undefined) expect(reply.body.result.tools).toEqual(theirs);
        else expect(reply.body.result.tools.map(({ name }: { name: string }) => name)).toEqual(tools.map(shown));
      }
      const calls = await Promise.all(senders.map(({ send, name }) => call(name, { id: 'same' }, send)));
      const executions = calls.map(({ body }) => body.result.structuredContent.execution_id);
      expect(new Set(executions).size).toBe(50);
      await bench.gate.sequenced();
      const rows = await bench.sql<{ id: string; tool_name: string }>(
        'select id, tool_name from agent_execution_logs where id = any($1)',
        [executions],
      );
      const byId = new Map(rows.map(({ id, tool_name }) => [id, tool_name]));
      expect(executions.map((id) => byId.get(id))).toEqual(senders.map(({ name }) => name));
    });
  });
});

/** A request of the stateless revision that says that it is of another. */
function replaced(version: string): object {
  return JSON.parse(JSON.stringify(statelessRequest('tools/list', {}).body).replace(STATELESS, version));
}
