import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import {
  createMcpHandler,
  fromJsonSchema,
  inputRequired,
  McpServer,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { ASKING_ARGUMENTS, ASKING_TOOLS, askingPrompt } from './mcp-asking-fixture.ts';

/**
 * The upstream that the conformance suite's scenarios describe, made with the SDK of the protocol's makers, in both
 * revisions. What it can do the gate can be measured in; nothing in it knows of the gate.
 */

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';
const text = (value: string) => ({ type: 'text' as const, text: value });
const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' };
const saying = (value: string) => ({ content: [text(value)] });

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own type of a handler's context is not exported
type Context = any;

const TOOLS: Readonly<Record<string, (args: Record<string, unknown>, context: Context) => unknown>> = {
  test_simple_text: () => saying('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }),
  test_multiple_content_types: () => ({
    content: [
      text('Multiple content types test:'),
      image,
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }),
  test_tool_with_logging: async (_, { mcpReq }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
      await setTimeout(20);
    }
    return saying('Tool with logging executed successfully');
  },
  test_logging_tool: () => saying('Nothing was logged.'),
  test_streaming_elicitation: () => saying('Nothing was asked.'),
  test_tool_with_progress: async (_, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      }
      await setTimeout(20);
    }
    return saying('Tool with progress executed successfully');
  },
  test_error_handling: () => ({ ...saying('This tool intentionally returns an error for testing'), isError: true }),
  test_missing_capability: () =>
    inputRequired({
      inputRequests: {
        answer: inputRequired.createMessage({ messages: [{ role: 'user', content: text('Hello') }], maxTokens: 10 }),
      },
    }),
};

const JSON_SCHEMA_TOOL = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

function makeServer(): McpServer {
  const server = new McpServer(
    { name: 'conformance-fixture', version: '1.0.0' },
    { capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} } },
  );
  for (const [name, run] of Object.entries({ ...TOOLS, ...ASKING_TOOLS })) {
    const inputSchema = fromJsonSchema({ type: 'object', properties: ASKING_ARGUMENTS[name] ?? {} } as never);
    server.registerTool(name, { description: `Does ${name}`, inputSchema } as never, run as never);
  }
  const region = { type: 'string', 'x-mcp-header': 'Region' };
  const repeated = fromJsonSchema({ type: 'object', properties: { region } } as never);
  const routed = { description: 'Is routed by its region', inputSchema: repeated };
  server.registerTool('test_header_parameter', routed as never, (() => saying('Done.')) as never);
  const schema = { description: 'Has a schema', inputSchema: fromJsonSchema(JSON_SCHEMA_TOOL) };
  server.registerTool('json_schema_2020_12_tool', schema as never, (() => saying('Done.')) as never);

  const of = (role: 'user', ...content: object[]) => ({ messages: content.map((one) => ({ role, content: one })) });
  const prompt = (
    name: string,
    argsSchema: object | undefined,
    run: (args: Record<string, string>) => object,
  ): void => {
    const config = { description: `The prompt ${name}`, ...(argsSchema && { argsSchema }) };
    server.registerPrompt(name, config as never, (argsSchema ? run : () => run({})) as never);
  };
  const word = z.string();
  prompt('test_simple_prompt', undefined, () => of('user', text('This is a simple prompt for testing.')));
  prompt('test_prompt_with_arguments', z.object({ arg1: word, arg2: word }), ({ arg1, arg2 }) =>
    of('user', text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  prompt('test_prompt_with_embedded_resource', z.object({ resourceUri: word }), ({ resourceUri }) =>
    of(
      'user',
      {
        type: 'resource',
        resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
      },
      text('Please process the embedded resource above.'),
    ),
  );
  prompt('test_prompt_with_image', undefined, () => of('user', image, text('Please analyze the image above.')));

  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, askingPrompt as never);

  const resource = (name: string, uri: string, mimeType: string, content: object): void => {
    server.registerResource(name, uri, { description: `The resource ${name}`, mimeType }, async () => ({
      contents: [{ uri, mimeType, ...content } as never],
    }));
  };
  resource('static-text', 'test://static-text', 'text/plain', {
    text: 'This is the content of the static text resource.',
  });
  resource('static-binary', 'test://static-binary', 'image/png', { blob: PNG });
  resource('watched', 'test://watched-resource', 'text/plain', { text: 'Nothing happens here.' });
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data by its id', mimeType: 'application/json' },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
  server.server.setRequestHandler('completion/complete', (() => ({
    completion: { values: ['paris', 'park', 'party'], total: 3, hasMore: false },
  })) as never);
  return server;
}

export type ConformanceFixture = { readonly url: string; readonly host: string; close(): Promise<void> };

/** Starts it on loopback. */
export async function startConformanceFixture(): Promise<ConformanceFixture> {
  const handler = createMcpHandler(makeServer);
  const server = createServer(
    getRequestListener((request) => handler.fetch(request), { overrideGlobalObjects: false }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/mcp`,
    host,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
