import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConformanceFixture, startConformanceFixture } from './conformance/mcp-fixture.ts';
import { engines } from './support/engines.ts';
import { handshaken, stateless } from './support/mcp.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

/** What of an upstream MCP server passes through the door for MCP: its results, prompts, resources and completions. */
describe.each(engines)('an upstream MCP server through POST /mcp on %s', (engine) => {
  let bench: Workbench;
  let fixture: ConformanceFixture;
  let client: BenchClient;
  let stranger: BenchClient;
  const names: string[] = [];

  beforeAll(async () => {
    fixture = await startConformanceFixture();
    bench = await openWorkbench(engine, {}, undefined, fixture.host);
    const { people } = bench;
    client = await bench.newClient();
    stranger = await bench.newClient();
    const config = { transport: 'http', url: fixture.url };
    const { id } = made(await people.admin('POST', '/v1/connectors', { name: 'Suite', kind: 'mcp', config }));
    const offer = made(await people.admin('POST', `/v1/connectors/${id}/mcp/discover`, {}));
    const tools = offer.tools.map(({ name, pin }: { name: string; pin: string }) => ({ name, pin, effect: 'read' }));
    const body = { tools, prompts: offer.prompts.pin, resources: offer.resources.pin };
    for (const { name } of made(await people.admin('POST', `/v1/connectors/${id}/mcp/accept`, body)).tools) {
      names.push(name);
      const isHeld = name === 'suite.test_image_content';
      await bench.newGrant(client.id, name, isHeld ? 'approve' : 'auto');
    }
  });
  afterAll(async () => {
    await bench?.close();
    await fixture?.close();
  });

  const ask = (method: string, params: Record<string, unknown> = {}, options = {}) =>
    stateless(client.send, method, params, options);
  const newest = async () => made(await client.send('GET', '/v1/executions?limit=1')).items[0];

  test('its tools are listed as it describes them, and what it has beside tools is none of them', async () => {
    const { tools } = (await ask('tools/list')).body.result;
    const listed = tools.map(({ title }: { title: string }) => title);
    expect(listed).toContain('suite.test_simple_text');
    expect(listed).not.toContain('suite.context.prompts');
    const schema = tools.find(({ title }: { title: string }) => title === 'suite.json_schema_2020_12_tool').inputSchema;
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  });

  test('a result passes through as it came, a failed one with its content, and one that was approved as well', async () => {
    const call = (name: string) => ask('tools/call', { name: `suite-${name}`, arguments: {} });
    expect((await call('test_audio_content')).body.result).toMatchObject({
      resultType: 'complete',
      content: [{ type: 'audio', mimeType: 'audio/wav' }],
    });
    expect((await call('test_error_handling')).body.result).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'This tool intentionally returns an error for testing' }],
      structuredContent: { status: 'failed', error: { code: 'upstream_error' } },
    });
    const { approval_id } = (await call('test_image_content')).body.result.structuredContent;
    const { payload_sha256 } = made(await bench.people.owner('GET', `/v1/approvals/${approval_id}`));
    const decision = { decision: 'granted', payload_sha256 };
    made(await bench.people.admin('POST', `/v1/approvals/${approval_id}/decisions`, decision));
    const waited = await ask('tools/call', { name: 'await_approval', arguments: { approval_id } });
    expect(waited.body.result.content).toMatchObject([{ type: 'image', mimeType: 'image/png' }]);
  });

  test('prompts, resources and completions answer, each as a call that is recorded', async () => {
    const { prompts } = (await ask('prompts/list')).body.result;
    expect(prompts[0].name).toBe('suite.test_simple_prompt');
    const given = { name: 'suite.test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } };
    const prompt = (await ask('prompts/get', given)).body.result;
    expect(prompt.messages[0].content.text).toBe("Prompt with arguments: arg1='a', arg2='b'");
    expect(await newest()).toMatchObject({ tool: 'suite.context.prompts', status: 'executed', via: 'mcp' });
    const { resources } = (await ask('resources/list')).body.result;
    const { uri } = resources.find(({ name }: { name: string }) => name === 'static-text');
    const read = (await ask('resources/read', { uri })).body.result;
    expect(read).toMatchObject({ ttlMs: 0, cacheScope: 'private', contents: [{ uri, text: expect.any(String) }] });
    const ref = { type: 'ref/prompt', name: given.name };
    const completed = await ask('completion/complete', { ref, argument: { name: 'arg1', value: 'par' } });
    expect(completed.body.result.completion.values).toEqual(['paris', 'park', 'party']);
    const path = '/mcp/suite';
    const short = await ask('prompts/get', { name: 'test_simple_prompt' }, { path });
    expect(short.body.result.messages).toHaveLength(1);
    expect((await handshaken(client.send, 'resources/read', { uri })).body.result.ttlMs).toBeUndefined();
  });

  test('are declared to whoever was granted some of them, and are not there for anybody else', async () => {
    const capabilitiesOf = async ({ send }: BenchClient) =>
      Object.keys((await stateless(send, 'server/discover')).body.result.capabilities);
    expect(await capabilitiesOf(client)).toEqual(['tools', 'prompts', 'resources', 'completions', 'extensions']);
    expect(await capabilitiesOf(stranger)).toEqual(['tools', 'extensions']);
    const uri = 'test://static-text';
    const refused = (await stateless(stranger.send, 'resources/read', { uri })).body.error;
    const missing = (await ask('resources/read', { uri: 'test://nothing' })).body.error;
    for (const error of [refused, missing]) {
      expect(error).toMatchObject({ code: -32602, message: 'Resource not found', data: { code: 'not_granted' } });
    }
    expect((await stateless(stranger.send, 'prompts/list')).body.result.prompts).toEqual([]);
  });
});
