import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import {
  createMcpHandler,
  fromJsonSchema,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

/** Which revision the fixture speaks: the later one, or the earlier one with sessions. */
export type Speaks = '2026-07-28' | '2025-11-25';

export type FixtureTool = {
  description?: string;
  title?: string;
  inputSchema?: Record<string, unknown>;
  annotations?: Record<string, unknown>;
  run?: (args: Record<string, unknown>, context: RunContext) => unknown;
};
type RunContext = { readonly signal: AbortSignal; readonly notify: (method: string, params: object) => Promise<void> };

export type McpFixture = {
  readonly url: string;
  readonly host: string;
  /** The tools that it has; whoever changes them calls `changed`. */
  readonly tools: Map<string, FixtureTool>;
  /** Calls that have reached a tool, by name, with their arguments. */
  readonly calls: { readonly name: string; readonly args: Record<string, unknown> }[];
  /** Methods of every request and notification that arrived, oldest first. */
  readonly methods: string[];
  /** Headers of each, beside it. */
  readonly headers: Record<string, string>[];
  /** Tells whoever listens that the list of tools has changed. */
  changed(): Promise<void>;
  /** Tells whoever wants to know that a resource has changed. */
  updated(uri: string): void;
  /** Forgets all sessions, as a restarted server does. */
  forgetSessions(): void;
  close(): Promise<void>;
};

/** A server made with the SDK that its makers publish, over Streamable HTTP on loopback. */
export async function startMcpFixture(speaks: Speaks, tools: Record<string, FixtureTool>): Promise<McpFixture> {
  const fixture = { tools: new Map(Object.entries(tools)), calls: [] as McpFixture['calls'] };
  const methods: string[] = [];
  const headers: Record<string, string>[] = [];
  const open = new Set<McpServer>();
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

  const make = (): McpServer => {
    const server = new McpServer(
      { name: 'fixture', version: '1.0.0' },
      { capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} } },
    );
    for (const method of ['resources/subscribe', 'resources/unsubscribe']) {
      if (speaks === '2025-11-25') server.server.setRequestHandler(method as never, (() => ({})) as never);
    }
    for (const [name, tool] of fixture.tools) {
      const { description, title, annotations, inputSchema = { type: 'object' }, run } = tool;
      server.registerTool(
        name,
        {
          ...(description !== undefined && { description }),
          ...(title !== undefined && { title }),
          ...(annotations !== undefined && { annotations }),
          inputSchema: fromJsonSchema(inputSchema) as never,
        },
        (async (args: Record<string, unknown>, context: never) => {
          fixture.calls.push({ name, args });
          const { mcpReq } = context as { mcpReq: { signal: AbortSignal; notify: (notice: object) => Promise<void> } };
          const notify = (method: string, params: object): Promise<void> => mcpReq.notify({ method, params });
          return (
            (await run?.(args, { signal: mcpReq.signal, notify })) ?? {
              content: [{ type: 'text', text: JSON.stringify(args) }],
            }
          );
        }) as never,
      );
    }
    server.registerPrompt(
      'greet',
      { description: 'Greets somebody', argsSchema: z.object({ who: z.string() }) },
      ({ who }: { who: string }) => ({
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Hello ${who}` } }],
      }),
    );
    server.registerResource('notes', 'fixture://notes', { description: 'Notes' }, async (uri) => ({
      contents: [{ uri: uri.href, text: 'what was noted' }],
    }));
    return server;
  };

  const modern = createMcpHandler(make, { legacy: 'reject' });
  const legacy = async (request: Request): Promise<Response> => {
    const id = request.headers.get('mcp-session-id');
    const known = id === null ? undefined : sessions.get(id);
    if (known !== undefined) return known.handleRequest(request);
    if (id !== null)
      return Response.json(
        { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } },
        { status: 404 },
      );
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (session) => {
        sessions.set(session, transport);
      },
    });
    const server = make();
    open.add(server);
    await server.connect(transport);
    return transport.handleRequest(request);
  };
  const server = createServer(
    getRequestListener(
      async (request) => {
        headers.push(Object.fromEntries(request.headers));
        if (request.method === 'POST') {
          const body = (await request.clone().json()) as { method?: string };
          methods.push(body.method ?? 'answer');
        } else methods.push(request.method);
        return speaks === '2026-07-28' ? modern.fetch(request) : legacy(request);
      },
      { overrideGlobalObjects: false },
    ),
  );
  const { url, host } = await listening(server);
  return {
    ...fixture,
    url: `${url}/mcp`,
    host,
    methods,
    headers,
    async changed() {
      for (const one of open) one.sendToolListChanged();
      await (modern as unknown as { notify?: { toolsChanged?: () => void } }).notify?.toolsChanged?.();
    },
    updated(uri) {
      for (const one of open) void one.server.sendResourceUpdated({ uri });
      (modern as unknown as { notify: { resourceUpdated(uri: string): void } }).notify.resourceUpdated(uri);
    },
    forgetSessions: () => sessions.clear(),
    close: () => closed(server),
  };
}

/** One message that reached a server that is written by hand. */
export type Received = {
  readonly message: { readonly id?: number; readonly method?: string; readonly params?: Record<string, unknown> };
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Answers with JSON. */
  answer(result: object): void;
  /** Answers with an event stream that stays open. */
  stream(...messages: object[]): void;
};

/**
 * A server that does what a test says, of the earlier revision without sessions: `on` is asked about each message, and
 * what it does not take (false) is answered as an ordinary server would.
 */
export async function startHostileServer(
  tools: readonly object[],
  on: (received: Received) => boolean | undefined | Promise<boolean | undefined>,
): Promise<{ readonly url: string; readonly host: string; readonly methods: string[]; close(): Promise<void> }> {
  const methods: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message = JSON.parse(Buffer.concat(chunks).toString()) as Received['message'];
    methods.push(message.method ?? 'answer');
    const answer = (result: object): void => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    };
    const stream = (...messages: object[]): void => {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const one of messages) response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...one })}\n\n`);
    };
    if ((await on({ message, request, response, answer, stream })) === true) return;
    if (message.method === 'server/discover') {
      const error = { code: -32601, message: 'Method not found' };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
    } else if (message.method === 'initialize') {
      answer({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'hostile', version: '1' },
      });
    } else if (message.id === undefined) response.writeHead(202).end();
    else if (message.method === 'tools/list') answer({ tools });
    else if (message.method === 'tools/call') answer({ content: [{ type: 'text', text: 'done' }] });
    else answer({});
  });
  const { url, host } = await listening(server);
  return { url: `${url}/mcp`, host, methods, close: () => closed(server) };
}

async function listening(server: Server): Promise<{ url: string; host: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host };
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
