import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../src/kernel/ids.ts';
import { engines } from './support/engines.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

/** What a parser of ours would read as something else, or write differently. */
const TEXT =
  ' {"order":725653563933458432,"price":1.0,"tiny":-0,"huge":1e400,"b":1,"a":"\\ud800\\u0000","10":1,"2":2,"x":1,"x":2}\n';

/** An upstream that answers each path with a text of its own. */
async function startUpstream(): Promise<{ server: Server; port: number; arrivals: IncomingMessage[] }> {
  const arrivals: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    arrivals.push(request);
    response.writeHead(request.url === '/error' ? 409 : 200, { 'content-type': 'application/json' }).end(TEXT);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, arrivals };
}

describe.each(engines)('answers and destinations of upstreams on %s', (engine) => {
  let bench: Workbench;
  let own: Awaited<ReturnType<typeof startUpstream>>;

  beforeAll(async () => {
    own = await startUpstream();
    // Beside the stub, whose exception names nobody and so holds for everybody, one of a workspace that is not there.
    const stubs = `127.0.0.1:${own.port}, ${newId('org')}@127.0.0.1:4999`;
    bench = await openWorkbench(engine, {}, undefined, stubs);
  });
  afterAll(async () => {
    await bench?.close();
    own?.server.close();
    own?.server.closeAllConnections();
  });

  test.each([
    ['/ok', 'executed', 'result', TEXT],
    [
      '/error',
      'failed',
      'error',
      `{"code":"upstream_error","message":"The upstream answered 409.","http_status":409,"body":${TEXT}}`,
    ],
  ])('what %s answered is given, recorded, repeated and shown as it came', async (path, status, part, text) => {
    const connector_id = await bench.newConnector(`http://127.0.0.1:${own.port}`);
    const tool = await bench.newTool(path, { connector_id });
    const client = await bench.newClient();
    await bench.newGrant(client.id, tool.name, 'auto');
    const call = { tool: tool.name, arguments: { text: 'x' } };
    const key = { 'idempotency-key': `key-${path}` };
    const first = await client.send('POST', '/api/agent/gateway', call, key);
    const id = first.body.execution_id;
    expect(first.text).toBe(`{"status":"${status}","execution_id":"${id}","${part}":${text}}`);
    expect((await client.send('POST', '/api/agent/gateway', call, key)).text).toBe(first.text);

    const read = await bench.people.owner('GET', `/v1/executions/${id}`);
    expect(read.status).toBe(200);
    expect(read.headers.get('content-type')).toBe('application/json');
    expect(read.text).toContain(`"${part}":${text}`);
    expect(read.body).toMatchObject({ id, status, arguments: { text: 'x' } });
    expect((await client.send('GET', `/v1/executions/${id}`)).text).toBe(read.text);
    const rows = await bench.sql(`select ${part} from agent_execution_logs where id = $1`, [id]);
    expect(rows).toEqual([{ [part]: text }]);

    // Without a key the call is queued, and moved by the sequencer.
    const queued = await client.send('POST', '/api/agent/gateway', call);
    expect(queued.text).toContain(`"${part}":${text}`);
    const moved = await bench.people.owner('GET', `/v1/executions/${queued.body.execution_id}`);
    expect(moved.text).toContain(`"${part}":${text}`);
  });

  test("another workspace does not reach the demo's outside world", async () => {
    const { gate } = bench;
    const theirs = await gate.person('owner', 0, gate.other);
    const outside = async (base: string, path: string): Promise<string> => {
      const entry = (base_url: string) => ({ name: `to ${base}`, kind: 'http', config: { base_url } });
      let entered = await theirs('POST', '/v1/connectors', entry(base));
      if (entered.status === 422) {
        expect(entered.body.errors).toMatchObject([
          { field: 'config.base_url', message: expect.stringContaining('COUNTERSIGN_EGRESS_ALLOW=org_') },
        ]);
        // As one is left behind whose exception was taken back.
        entered = await theirs('POST', '/v1/connectors', entry('https://upstream.example'));
        const config = JSON.stringify({ base_url: base });
        await bench.sql('update connectors set config = $2 where id = $1', [entered.body.id, config]);
      }
      const connector = made(entered);
      const tool = made(
        await theirs('POST', '/v1/tools', {
          name: `spy.on_${path.split('/').at(-1)}`,
          effect: 'read',
          input_schema: { type: 'object', additionalProperties: false },
          connector_id: connector.id,
          handler_kind: 'http',
          handler_config: { method: 'GET', path },
        }),
      );
      return tool.id;
    };
    const outbox = await outside(gate.upstream.url, '/mail/outbox');
    const spied = await theirs('POST', `/v1/tools/${outbox}/test`, { arguments: {} });
    expect(spied).toMatchObject({ status: 403, body: { code: 'egress_blocked' } });
    // The demo itself is let through, and an exception that names nobody lets everybody through.
    const ours = await gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'refund' } });
    expect(ours).toMatchObject({ status: 200, body: { status: 'executed' } });
    const open = await outside(`http://127.0.0.1:${own.port}`, '/ok');
    expect(await theirs('POST', `/v1/tools/${open}/test`, { arguments: {} })).toMatchObject({
      status: 200,
      body: { status: 'executed' },
    });
  });

  test('who decides reads where the call goes, as long as the tool is the one that was asked for', async () => {
    const tool = await bench.newTool('/ok/{text}');
    const client = await bench.newClient();
    await bench.newGrant(client.id, tool.name, 'approve');
    const call = { tool: tool.name, arguments: { text: 'a b' } };
    const { approval_id } = made(await client.send('POST', '/api/agent/gateway', call));
    const read = async () => made(await bench.people.admin('GET', `/v1/approvals/${approval_id}`));
    expect((await read()).call).toEqual({
      sentence: `Call ${tool.name} through POST ${bench.stub.url}/ok/a%20b`,
      destination: { method: 'POST', url: `${bench.stub.url}/ok/a%20b` },
      details: { method: 'POST', host: bench.stub.url, path: '/ok/a%20b' },
    });
    made(
      await bench.people.owner('PATCH', `/v1/tools/${tool.id}`, { handler_config: { method: 'PUT', path: '/{text}' } }),
    );
    expect(await read()).toMatchObject({ tool_changed: true, call: null });
  });

  test('lists say in words where connectors lead and what tools run', async () => {
    const tool = await bench.newTool('/ok/{text}');
    expect(made(await bench.people.viewer('GET', `/v1/tools/${tool.id}`))).toMatchObject({ runs: 'POST /ok/{text}' });
    const connector = made(await bench.people.viewer('GET', `/v1/connectors/${bench.connectorId}`));
    expect(connector).toMatchObject({ target: bench.stub.url });
    const [created] = await bench.entries({ resources: [tool.id] });
    expect(created?.after_state).not.toHaveProperty('runs');
  });

  test('the start says whom each exception lets through', () => {
    const { upstream, running } = bench.gate;
    const said = running.warnings.filter((warning) => /egress/i.test(warning));
    expect(said).toEqual([
      expect.stringMatching(new RegExp(`every workspace reach ${new URL(bench.stub.url).host}`)),
      expect.stringMatching(new RegExp(`every workspace reach 127\\.0\\.0\\.1:${own.port}`)),
      expect.stringMatching(/127\.0\.0\.1:4999 names a workspace that does not exist/),
      `The egress guard lets calls of the workspace demo reach ${new URL(upstream.url).host}.`,
    ]);
  });

  test.each([
    [{ method: 'POST', path: '/x', headers: { 'X-Order': '{text}' } }, 'handler_config.headers.X-Order'],
    [{ method: 'POST', path: '/x', headers: { 'Content-Type': 'text/csv' } }, 'handler_config.headers.Content-Type'],
    [{ method: 'POST', path: '/x', headers: { Host: 'a.example' } }, 'handler_config.headers.Host'],
    [{ method: 'POST', path: '/x/{id}' }, 'handler_config'],
    [{ method: 'POST', path: '/x', body: 'none' }, 'input_schema.properties.text'],
    [{ method: 'GET', path: '/x', query: ['q'] }, 'input_schema.properties.text'],
  ])('a tool that would send something else than it says is refused when saved: %j', async (handler_config, field) => {
    const input_schema = { type: 'object', additionalProperties: false, properties: { text: { type: 'string' } } };
    const definition = { name: 'made.odd', effect: 'write', input_schema, connector_id: bench.connectorId };
    const reply = await bench.people.owner('POST', '/v1/tools', {
      ...definition,
      handler_kind: 'http',
      handler_config,
    });
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: [{ field }] } });
    const { id } = await bench.newTool('/ok');
    const edit = await bench.people.owner('PATCH', `/v1/tools/${id}`, { input_schema, handler_config });
    expect(edit).toMatchObject({ status: 422, body: { errors: [{ field }] } });
  });
});
