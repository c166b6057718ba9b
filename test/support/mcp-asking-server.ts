import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An MCP server that asks before it answers, in either revision; every byte that it says is the test's own. */
export type AskingServer = {
  readonly url: string;
  readonly host: string;
  /** The params of every call that has reached it. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
  readonly calls: any[];
  /** What was answered to what it asked on the stream of a call: messages of JSON-RPC. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
  readonly answers: any[];
  /** What was declared to it. */
  readonly declared: unknown[];
  /** What it asks, by key; each is asked in every call until it is answered. */
  asks: Record<string, { method: string; params?: object }>;
  state: string | undefined;
  close(): Promise<void>;
};

type Message = { id?: string | number; method?: string; params?: Record<string, unknown>; result?: unknown };

export const ASKING_TOOL = { name: 'ask', description: 'Asks first', inputSchema: { type: 'object' } };
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

export async function startAskingServer(speaks: '2026-07-28' | '2025-11-25'): Promise<AskingServer> {
  const isModern = speaks === '2026-07-28';
  const waiting = new Map<string, () => void>();
  let asked = 0;
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message = JSON.parse(Buffer.concat(chunks).toString()) as Message;
    const { id, method, params = {} } = message;
    const say = (body: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    };
    if (method === undefined) {
      it.answers.push(message);
      response.writeHead(202).end();
      waiting.get(String(id))?.();
      return;
    }
    switch (method) {
      case 'server/discover':
        if (!isModern) return say({ error: { code: -32601, message: 'Method not found' } });
        return say({ result: { resultType: 'complete', supportedVersions: [speaks], capabilities: { tools: {} } } });
      case 'initialize':
        it.declared.push(params.capabilities);
        return say({
          result: { protocolVersion: speaks, capabilities: { tools: {} }, serverInfo: { name: 'asks', version: '1' } },
        });
      case 'tools/list':
        return say({ result: { resultType: 'complete', tools: [ASKING_TOOL] } });
      case 'tools/call':
        it.calls.push(params);
        return isModern ? say(modernAnswer(params)) : await askOnStream(id!, response);
      default:
        return void response.writeHead(202).end();
    }
  });

  function modernAnswer(params: Record<string, unknown>): object {
    it.declared.push((params._meta as Record<string, unknown>)[CAPABILITIES]);
    const given = (params.inputResponses ?? {}) as Record<string, unknown>;
    const open = Object.entries(it.asks).filter(([key]) => given[key] === undefined);
    if (open.length === 0) return { result: { resultType: 'complete', ...text(given) } };
    const state = it.state === undefined ? {} : { requestState: it.state };
    return { result: { resultType: 'input_required', inputRequests: Object.fromEntries(open), ...state } };
  }

  async function askOnStream(id: string | number, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const say = (message: object): void => {
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    };
    for (const { method, params } of Object.values(it.asks)) {
      asked += 1;
      const own = `own-${asked}`;
      const answered = new Promise<void>((resolve) => waiting.set(own, resolve));
      say({ id: own, method, ...(params && { params }) });
      await answered;
    }
    say({ id, result: text(it.answers.slice(-Object.keys(it.asks).length)) });
    response.end();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const it: AskingServer = {
    url: `http://${host}/mcp`,
    host,
    calls: [],
    answers: [],
    declared: [],
    asks: {},
    state: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return it;
}

const text = (value: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
