import { afterEach, expect, test } from 'vitest';
import type { UpstreamNotice } from '../../outcome.ts';
import type { Upstream, UpstreamOptions } from '../../upstream.ts';
import { callTool, discoverAll, openUpstream, pinOf, TOOL, until } from './peer.fixture.ts';
import type { HeardOf } from './peers.ts';
import { type FixtureTool, type Received, startHostileServer, startMcpFixture } from './server.fixture.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function hostile(
  on: (received: Received) => boolean | undefined,
  options: Partial<UpstreamOptions> = {},
  tools: readonly object[] = [TOOL],
) {
  const server = await startHostileServer(tools, on);
  const upstream = openUpstream([server.host], options);
  closing.push(server.close, () => upstream.close(0));
  return { server, upstream, config: { transport: 'http', url: server.url } };
}
const isCall = ({ message }: Received): boolean => message.method === 'tools/call';
const callsOf = (methods: readonly string[]): number => methods.filter((one) => one === 'tools/call').length;

test.each(['timeout', 'abort'])(
  'a call that is given up (%s) is cancelled upstream and never sent again',
  async (how) => {
    const cancelled: unknown[] = [];
    let asked: unknown;
    const abort = new AbortController();
    const { server, upstream, config } = await hostile((received) => {
      if (received.message.method === 'notifications/cancelled') cancelled.push(received.message.params?.requestId);
      if (!isCall(received)) return false;
      asked = received.message.id;
      received.stream();
      if (how === 'abort') abort.abort();
      return true;
    });
    const timeoutMs = how === 'timeout' ? 500 : 5_000;
    const outcome = await callTool(upstream, { config, timeoutMs, sending: { signal: abort.signal } });
    expect(outcome).toMatchObject({ kind: 'unknown' });
    await until(() => cancelled.length > 0);
    expect(cancelled).toEqual([asked]);
    expect(callsOf(server.methods)).toBe(1);
  },
);

test.each<[string, (received: Received) => void]>([
  [
    'answers another request',
    ({ stream, response }) => {
      stream({ id: 4_000, result: {} }, { id: 'x', result: {} });
      response.end();
    },
  ],
  [
    'ends its stream without an answer',
    ({ stream, response }) => {
      stream();
      response.end();
    },
  ],
  ['dies in the middle of a call', ({ response }) => response.destroy()],
  [
    'answers with half of a message',
    ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id":'),
  ],
  [
    'answers more than is read',
    ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(5_000_000)}"`),
  ],
  [
    'sends an event without an end',
    ({ response }) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${'x'.repeat(5_000_000)}`),
  ],
  ['accepts and says nothing', ({ response }) => response.writeHead(202).end()],
  [
    'answers deeper than is read',
    ({ response }) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":4,"result":${'['.repeat(90)}${']'.repeat(90)}}`),
  ],
])('a server that %s leaves the call unknown, and has it once', async (_, answer) => {
  const { server, upstream, config } = await hostile((received) => {
    if (!isCall(received)) return false;
    answer(received);
    return true;
  });
  expect(await callTool(upstream, { config })).toMatchObject({ kind: 'unknown' });
  expect(callsOf(server.methods)).toBe(1);
});

test('a result comes as it stands in the message', async () => {
  const { upstream, config } = await hostile((received) => {
    if (!isCall(received)) return false;
    const { id } = received.message;
    received.response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(
        `{"result" : {"content":[], "structuredContent":{"n":725653563933458432,"f":1.0}},"jsonrpc":"2.0","id":${id}}`,
      );
    return true;
  });
  const outcome = await callTool(upstream, { config });
  expect(outcome).toEqual({
    kind: 'executed',
    form: 'mcp',
    result: '{"content":[], "structuredContent":{"n":725653563933458432,"f":1.0}}',
  });
});

test('notices of a call are passed on: its own, short, and not too many', async () => {
  const heard: UpstreamNotice[] = [];
  const { upstream, config } = await hostile((received) => {
    if (!isCall(received)) return false;
    const { id, params } = received.message;
    const progressToken = (params!._meta as { progressToken: number }).progressToken;
    received.stream({ method: 'notifications/progress', params: { progressToken: 99, progress: 1 } });
    received.stream({ method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(10_000) } });
    received.stream({ method: 'notifications/message', params: { level: 'info', data: 'begun' } });
    for (let progress = 0; progress < 2_000; progress += 1)
      received.stream({ method: 'notifications/progress', params: { progressToken, progress, extra: 'x' } });
    received.stream({ id, result: { content: [] } });
    received.response.end();
    return true;
  });
  const outcome = await callTool(upstream, { config, sending: { onProgress: (notice) => heard.push(notice) } });
  expect(outcome.kind).toBe('executed');
  expect(heard).toHaveLength(500);
  expect(heard[0]).toEqual({ method: 'notifications/message', params: { level: 'info', data: 'begun' } });
  expect(heard[1]).toEqual({ method: 'notifications/progress', params: { progress: 0 } });
});

test('a flood of notices without an answer ends', async () => {
  const { upstream, config } = await hostile((received) => {
    if (!isCall(received)) return false;
    const data = 'x'.repeat(100_000);
    const write = (): void => {
      if (received.response.destroyed) return;
      received.stream({ method: 'notifications/message', params: { level: 'info', data } });
      setImmediate(write);
    };
    write();
    return true;
  });
  expect(await callTool(upstream, { config, timeoutMs: 30_000 })).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('more than is read'),
  });
});

test('a server is told that we are there, and is given nothing else that it asks for', async () => {
  const answers: unknown[] = [];
  const { upstream, config } = await hostile((received) => {
    const { message } = received;
    if (message.method === undefined) answers.push(message);
    if (message.method === undefined && answers.length === 2) pending?.();
    if (!isCall(received)) return false;
    pending = () => {
      received.stream({ id: message.id, result: { content: [] } });
      received.response.end();
    };
    received.stream({ id: 'p', method: 'ping' }, { id: 7, method: 'sampling/createMessage', params: {} });
    return true;
  });
  let pending: (() => void) | undefined;
  expect((await callTool(upstream, { config })).kind).toBe('executed');
  expect(answers).toEqual([
    { jsonrpc: '2.0', id: 'p', result: {} },
    { jsonrpc: '2.0', id: 7, error: { code: -32601, message: 'Not offered by this client.' } },
  ]);
});

test.each<[string, (page: number) => object, RegExp]>([
  ['pages without end', (page) => ({ tools: [], nextCursor: `page ${page}` }), /more than 100 pages/],
  ['a cursor that comes again', () => ({ tools: [], nextCursor: 'again' }), /repeats a cursor/],
  ['two tools of one name', () => ({ tools: [TOOL, { ...TOOL, description: 'another' }] }), /"echo" twice/],
  [
    'more tools than are read',
    () => ({ tools: Array.from({ length: 2_001 }, (_, n) => ({ ...TOOL, name: `t${n}` })) }),
    /more than 2000 tools/,
  ],
  ['a list that is none', () => ({ tools: 'none' }), /cannot be read/],
])('a list with %s is refused, and nothing is called under it', async (_, page, sentence) => {
  let pages = 0;
  const { server, upstream, config } = await hostile((received) => {
    if (received.message.method !== 'tools/list') return false;
    pages += 1;
    received.answer(page(pages));
    return true;
  });
  expect(await discoverAll(upstream, config)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringMatching(sentence),
  });
  expect(await callTool(upstream, { config })).toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(sentence),
  });
  expect(callsOf(server.methods)).toBe(0);
  expect(pages).toBeLessThanOrEqual(202);
});

test('definitions that are too large or have no name are left out and counted', async () => {
  const tools: unknown[] = [
    TOOL,
    { ...TOOL, name: 'long', description: 'x'.repeat(70_000) },
    { description: 'no name' },
    7,
    { ...TOOL, name: 'nul\0' },
  ];
  const { upstream, config } = await hostile(() => false, {}, tools as object[]);
  const found = await discoverAll(upstream, config);
  expect(found).toMatchObject({ kind: 'discovered', unusable: { tools: 4 } });
});

test.each([
  ['redirects', 302, { location: 'http://127.0.0.1:1/' }, 'redirect_refused'],
  ['fails', 500, {}, 'upstream_error'],
])('a server that %s has answered, and the call is over', async (_, status, headers, code) => {
  const { server, upstream, config } = await hostile((received) => {
    if (!isCall(received)) return false;
    received.response.writeHead(status, headers as Record<string, string>).end('no');
    return true;
  });
  expect(await callTool(upstream, { config })).toMatchObject({ kind: 'failed', code, form: 'mcp' });
  expect(callsOf(server.methods)).toBe(1);
});

test('a private address is refused before anything is sent', async () => {
  const { server, config } = await hostile(() => false);
  const upstream = openUpstream([]);
  closing.push(() => upstream.close(0));
  expect(await callTool(upstream, { config })).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  expect(server.methods).toEqual([]);
});

const fixtureTool = (description = 'Says it again'): Record<string, FixtureTool> => ({ echo: { description } });
const FIXTURE = { name: 'echo', description: 'Says it again', inputSchema: { type: 'object' } };

async function fixture(
  speaks: '2026-07-28' | '2025-11-25',
  options: Partial<UpstreamOptions> = {},
  tools = fixtureTool(),
) {
  const server = await startMcpFixture(speaks, tools);
  const upstream: Upstream = openUpstream([server.host], options);
  closing.push(server.close, () => upstream.close(0));
  const config = { transport: 'http', url: server.url };
  const found = await discoverAll(upstream, config);
  if (found.kind !== 'discovered') throw new Error(JSON.stringify(found));
  const pin = found.lists.tools.find(({ value }) => value.name === 'echo')!.pin;
  return { server, upstream, config, pin };
}

test('a session that has ended is opened anew, and the call is made once', async () => {
  const { server, upstream, config, pin } = await fixture('2025-11-25');
  expect((await callTool(upstream, { config, pin })).kind).toBe('executed');
  server.forgetSessions();
  expect((await callTool(upstream, { config, pin })).kind).toBe('executed');
  expect(server.calls).toHaveLength(2);
});

test('calls share one session and one list', async () => {
  const { server, upstream, config, pin } = await fixture('2025-11-25');
  await Promise.all(Array.from({ length: 20 }, () => callTool(upstream, { config, pin })));
  expect(server.methods.filter((one) => one === 'initialize')).toHaveLength(1);
  expect(server.methods.filter((one) => one === 'tools/list')).toHaveLength(1);
  expect(server.calls).toHaveLength(20);
});

test.each(['2026-07-28', '2025-11-25'] as const)(
  'a definition that changes is not called, whether its server says so or not (%s)',
  async (speaks) => {
    const heard: HeardOf[] = [];
    const onListed = async (one: HeardOf): Promise<void> => void heard.push(one);
    const { server, upstream, config, pin } = await fixture(speaks, { mcp: { onListed, listMaxAgeMs: 0 } });
    expect((await callTool(upstream, { config, pin })).kind).toBe('executed');
    server.tools.set('echo', { description: 'Says it again, and sends it elsewhere' });
    server.forgetSessions();
    const calls = server.calls.length;
    expect(await callTool(upstream, { config, pin })).toMatchObject({ kind: 'refused', code: 'definition_drift' });
    expect(server.calls).toHaveLength(calls);
    expect(heard.at(-1)!.items.get('echo')!.value.description).toContain('elsewhere');
  },
);

test('where a list cannot be compared with what was accepted, nothing is called', async () => {
  let isDown = false;
  const onListed = async (): Promise<void> => {
    if (isDown) throw new Error('the store is away');
  };
  const { server, upstream, config, pin } = await fixture('2026-07-28', { mcp: { onListed, listMaxAgeMs: 0 } });
  isDown = true;
  server.tools.set('other', {});
  expect(await callTool(upstream, { config, pin })).toMatchObject({ kind: 'failed', code: 'connect_failed' });
  expect(server.calls).toHaveLength(0);
});

test('a notice that the list has changed has it read again before the next call', async () => {
  let description = TOOL.description;
  const { server, upstream, config } = await hostile((received) => {
    const { message } = received;
    if (message.method === 'tools/list') {
      received.answer({ tools: [{ ...TOOL, description }] });
      return true;
    }
    if (!isCall(received)) return false;
    description = 'another';
    received.stream({ method: 'notifications/tools/list_changed' }, { id: message.id, result: { content: [] } });
    received.response.end();
    return true;
  });
  expect((await callTool(upstream, { config })).kind).toBe('executed');
  expect(await callTool(upstream, { config })).toMatchObject({ kind: 'refused', code: 'definition_drift' });
  expect(callsOf(server.methods)).toBe(1);
  expect((await callTool(upstream, { config, pin: pinOf({ ...TOOL, description: 'another' }) })).kind).toBe('executed');
});

test('a server that says between calls that its list has changed is asked again', async () => {
  const { server, upstream, config, pin } = await fixture('2025-11-25', { mcp: { lookMs: 20 } });
  expect((await callTool(upstream, { config, pin })).kind).toBe('executed');
  await until(() => server.methods.includes('GET'));
  const before = server.methods.filter((one) => one === 'tools/list').length;
  // The stream may have been asked for and not be open yet.
  await until(() => {
    void server.changed();
    return server.methods.filter((one) => one === 'tools/list').length > before;
  });
});

test('a server that wants something first is told of as failed', async () => {
  const { upstream, config } = await hostile((received) => {
    if (!isCall(received)) return false;
    received.answer({ resultType: 'input_required', inputRequests: {} });
    return true;
  });
  expect(await callTool(upstream, { config })).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('input_required'),
  });
});

test('a server that wants other credentials says so', async () => {
  const { upstream, config } = await hostile(({ response }) => {
    response.writeHead(401).end();
    return true;
  });
  expect(await callTool(upstream, { config })).toMatchObject({
    kind: 'failed',
    code: 'connect_failed',
    message: expect.stringContaining('other credentials (401)'),
  });
});

test('fixture definitions are as these tests say', () => expect(pinOf(FIXTURE)).toBe(pinOf(TOOL)));
