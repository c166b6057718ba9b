import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from './support/services.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));
const official = (name: string): string => `${MODULES}@modelcontextprotocol/${name}/dist/index.js`;
const FILES = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-real-')));
const NOTES = join(FILES, 'notes');

type Call = { readonly tool: string; readonly args: Record<string, unknown>; readonly says: RegExp };
type Real = {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly tools: number;
  readonly calls: (urls: { page: string }) => readonly [Call, Call, Call];
  readonly needsBrowser?: true;
};

/** The servers as their makers publish them, how many tools each has, and three calls of each. */
const SERVERS: readonly Real[] = [
  {
    name: 'everything',
    args: [official('server-everything')],
    tools: 13,
    calls: () => [
      { tool: 'echo', args: { message: 'hello' }, says: /Echo: hello/ },
      { tool: 'get_sum', args: { a: 2, b: 40 }, says: /42/ },
      { tool: 'get_structured_content', args: { location: 'Chicago' }, says: /"structuredContent"/ },
    ],
  },
  {
    name: 'filesystem',
    args: [official('server-filesystem'), NOTES],
    tools: 14,
    calls: () => [
      { tool: 'list_directory', args: { path: NOTES }, says: /today\.txt/ },
      { tool: 'read_text_file', args: { path: join(NOTES, 'today.txt') }, says: /buy milk/ },
      { tool: 'write_file', args: { path: join(NOTES, 'new.txt'), content: 'written' }, says: /Successfully wrote/ },
    ],
  },
  {
    name: 'memory',
    args: [official('server-memory')],
    env: { MEMORY_FILE_PATH: join(FILES, 'memory.jsonl') },
    tools: 9,
    calls: () => [
      {
        tool: 'create_entities',
        args: { entities: [{ name: 'Ada', entityType: 'person', observations: ['counts'] }] },
        says: /Ada/,
      },
      { tool: 'search_nodes', args: { query: 'counts' }, says: /Ada/ },
      { tool: 'read_graph', args: {}, says: /"relations"/ },
    ],
  },
  {
    name: 'thinking',
    args: [official('server-sequential-thinking')],
    tools: 1,
    calls: () => {
      const thought = (thoughtNumber: number, nextThoughtNeeded: boolean) => ({
        tool: 'sequentialthinking',
        args: { thought: `step ${thoughtNumber}`, thoughtNumber, totalThoughts: 3, nextThoughtNeeded },
        says: new RegExp(`thoughtNumber[^0-9]+${thoughtNumber}`),
      });
      return [thought(1, true), thought(2, true), thought(3, false)];
    },
  },
  {
    name: 'playwright',
    args: [
      `${MODULES}@playwright/mcp/cli.js`,
      '--headless',
      '--isolated',
      '--no-sandbox',
      '--executable-path',
      services.chromium ?? '',
    ],
    tools: 25,
    needsBrowser: true,
    calls: ({ page }) => [
      { tool: 'browser_navigate', args: { url: page }, says: /A page for a browser/ },
      { tool: 'browser_snapshot', args: {}, says: /A button/ },
      { tool: 'browser_evaluate', args: { function: '() => 6 * 7' }, says: /42/ },
    ],
  },
  {
    name: 'notion',
    args: [`${MODULES}@notionhq/notion-mcp-server/bin/cli.mjs`],
    env: { NOTION_TOKEN: '{{secret:NOTION}}', BASE_URL: '' },
    tools: 24,
    calls: () => [
      { tool: 'api_get_self', args: {}, says: /gate bot/ },
      { tool: 'api_post_search', args: { query: 'plans' }, says: /plans/ },
      { tool: 'api_get_users', args: {}, says: /gate bot/ },
    ],
  },
];

describe("other people's MCP servers, unmodified", () => {
  let bench: Workbench;
  let client: BenchClient;
  let web: Server;
  let webUrl = '';
  const tokens: string[] = [];

  beforeAll(async () => {
    mkdirSync(NOTES, { recursive: true });
    writeFileSync(join(NOTES, 'today.txt'), 'buy milk\n');
    web = createServer(async (request, response) => {
      if (request.url?.startsWith('/v1/')) {
        tokens.push(String(request.headers.authorization));
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const bot = { object: 'user', id: 'b', type: 'bot', name: 'gate bot' };
        const asked = Buffer.concat(chunks).toString();
        const answer = request.url.includes('/search')
          ? { object: 'list', results: [], asked }
          : request.url.endsWith('/users/me')
            ? bot
            : { object: 'list', results: [bot] };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      } else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<title>A page for a browser</title><button>A button</button>');
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const env = 'MEMORY_FILE_PATH=* NOTION_TOKEN=* BASE_URL=*';
    const lines = SERVERS.map(({ args }) => `${env} ${process.execPath} ${args.filter((arg) => arg !== '').join(' ')}`);
    bench = await openWorkbench('pglite', { COUNTERSIGN_MCP_STDIO_ALLOW: lines.join('\n') });
    client = await bench.newClient();
  });
  afterAll(async () => {
    await bench?.close();
    await new Promise((resolve) => {
      web.close(resolve);
      web.closeAllConnections();
    });
    rmSync(FILES, { recursive: true, force: true });
  });

  test.each(SERVERS)(
    '$name: imported, and three tools called, one of them after its approval',
    { timeout: 60_000 },
    async (real) => {
      if (real.needsBrowser && services.chromium === undefined) return;
      if (real.name === 'notion') {
        const host = 'node.stdio';
        made(
          await bench.people.owner('POST', '/v1/secrets', {
            name: 'NOTION',
            value: 'ntn_very_secret_value',
            hosts: [host],
          }),
        );
      }
      const env = { ...real.env, ...(real.env?.BASE_URL !== undefined && { BASE_URL: webUrl }) };
      const config = { transport: 'stdio', command: process.execPath, args: real.args, env };
      const connector = made(
        await bench.people.admin('POST', '/v1/connectors', { name: real.name, kind: 'mcp', config }),
      );
      const offer = made(await bench.people.admin('POST', `/v1/connectors/${connector.id}/mcp/discover`, {}));
      expect(offer.tools.filter(({ state }: { state: string }) => state === 'new')).toHaveLength(real.tools);
      expect(offer.unusable).toBe(0);
      const tools = offer.tools.map(({ name, pin, proposed_effect }: Record<string, string>) => ({
        name,
        pin,
        effect: proposed_effect,
      }));
      made(
        await bench.people.admin('POST', `/v1/connectors/${connector.id}/mcp/accept`, {
          tools,
          ...(offer.prompts && { prompts: offer.prompts.pin }),
          ...(offer.resources && { resources: offer.resources.pin }),
        }),
      );
      const calls = real.calls({ page: `${webUrl}/` });
      const names = [...new Set(calls.map(({ tool }) => `${real.name}.${tool}`))];
      const held = `${real.name}.${calls[2].tool}`;
      for (const name of names) await bench.newGrant(client.id, name, 'auto');
      const grants = made(await client.send('GET', '/api/agent/gateway')).tools as { name: string }[];
      expect(grants.map(({ name }) => name)).toEqual(expect.arrayContaining(names));

      for (const { tool, args, says } of calls.slice(0, 2)) {
        const { body } = await client.send('POST', '/api/agent/gateway', {
          tool: `${real.name}.${tool}`,
          arguments: args,
        });
        expect(body, JSON.stringify(body)).toMatchObject({ status: 'executed' });
        expect(JSON.stringify(body.result)).toMatch(says);
      }
      const [, , { args, says }] = calls;
      const other = await bench.newClient();
      await bench.newGrant(other.id, held, 'approve');
      const asked = await other.send('POST', '/api/agent/gateway', {
        tool: held,
        arguments: args,
        execute_on_approval: true,
      });
      expect(asked.status).toBe(202);
      const { approval_id, execution_id, payload_sha256 } = asked.body;
      made(
        await bench.people.admin('POST', `/v1/approvals/${approval_id}/decisions`, {
          decision: 'granted',
          payload_sha256,
        }),
      );
      const told = await settled(other, execution_id);
      expect(told.status, JSON.stringify(told)).toBe('executed');
      expect(JSON.stringify(told.result)).toMatch(says);
      if (real.name === 'notion') {
        expect(new Set(tokens)).toEqual(new Set(['Bearer ntn_very_secret_value']));
        expect(JSON.stringify([offer, told])).not.toContain('ntn_very');
      }
    },
  );

  test('what the server of everything has beside its tools is read under grants of its own', async () => {
    for (const name of ['prompts', 'resources']) await bench.newGrant(client.id, `everything.context.${name}`, 'auto');
    const read = (context: string, method: string, params: object) =>
      client.send('POST', '/api/agent/gateway', {
        tool: `everything.context.${context}`,
        arguments: { method, params },
      });
    const prompt = await read('prompts', 'prompts/get', { name: 'args-prompt', arguments: { city: 'Bern' } });
    expect(JSON.stringify(prompt.body.result)).toContain('Bern');
    const [resource] = made(await bench.people.admin('GET', '/v1/tools?q=everything.context.resources')).items;
    const { uri } = resource.handler_config.resources[0];
    expect((await read('resources', 'resources/read', { uri })).body.result.contents[0].uri).toBe(uri);
    const dynamic = 'demo://resource/dynamic/text/7';
    expect((await read('resources', 'resources/read', { uri: dynamic })).body.result.contents[0].uri).toBe(dynamic);
    const ref = { type: 'ref/prompt', name: 'completable-prompt' };
    const completed = await read('prompts', 'completion/complete', {
      ref,
      argument: { name: 'department', value: 'E' },
    });
    expect(completed.body.result.completion.values).toContain('Engineering');
  });

  async function settled(by: BenchClient, executionId: string) {
    for (;;) {
      const { body } = await by.send('GET', `/v1/executions/${executionId}`);
      if (!['pending_approval', 'running'].includes(body.status)) return body;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
