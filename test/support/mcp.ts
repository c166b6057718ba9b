import type { Reply, Send } from './gate.ts';

/** MCP as a test speaks it over plain HTTP: every byte that is sent is the test's own. */

export const STATELESS = '2026-07-28';
const META = 'io.modelcontextprotocol/';

export type McpOptions = {
  readonly id?: string | number;
  /** What the client says that it can do. */
  readonly capabilities?: object;
  readonly meta?: object;
  readonly headers?: Record<string, string>;
  readonly path?: string;
};

/** A request of the revision 2026-07-28, with all that it must say of itself. */
export function statelessRequest(
  method: string,
  params: Record<string, unknown>,
  { id = 1, capabilities = {}, meta = {} }: McpOptions = {},
): { readonly body: object; readonly headers: Record<string, string> } {
  const _meta = { [`${META}protocolVersion`]: STATELESS, [`${META}clientCapabilities`]: capabilities, ...meta };
  const name = params.name ?? params.uri ?? params.taskId;
  return {
    body: { jsonrpc: '2.0', id, method, params: { ...params, _meta } },
    headers: {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': STATELESS,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
  };
}

/** Sends one. */
export function stateless(
  send: Send,
  method: string,
  params: Record<string, unknown> = {},
  options: McpOptions = {},
): Promise<Reply> {
  const { body, headers } = statelessRequest(method, params, options);
  return send('POST', options.path ?? '/mcp', body, { ...headers, ...options.headers });
}

/** Sends a request of the revisions that begin with `initialize`. */
export function handshaken(
  send: Send,
  method: string,
  params: Record<string, unknown> = {},
  { id = 1, headers = {}, path = '/mcp' }: McpOptions = {},
): Promise<Reply> {
  const accept = 'application/json, text/event-stream';
  return send(
    'POST',
    path,
    { jsonrpc: '2.0', id, method, params },
    { accept, 'mcp-protocol-version': '2025-11-25', ...headers },
  );
}

/** The messages of a stream of events. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
export function eventsOf(text: string): any[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) =>
      JSON.parse(
        event
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .map((line) => line.slice('data: '.length))
          .join('\n'),
      ),
    );
}

/** The events of one request as they come, one after the other. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
export type McpStream = { next(): Promise<any>; close(): void };

/** Sends a request of the revisions that begin with `initialize`, which is answered with a stream of events. */
export async function streamOf(
  url: string,
  token: string,
  method: string,
  params: object,
  headers: Record<string, string> = {},
): Promise<McpStream> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return streaming(url, token, { method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } });
}

/** Opens the stream of a session. */
export function sessionStream(url: string, token: string, headers: Record<string, string>): Promise<McpStream> {
  return streaming(url, token, { method: 'GET', headers });
}

async function streaming(url: string, token: string, init: RequestInit): Promise<McpStream> {
  const going = new AbortController();
  const response = await fetch(`${url}/mcp`, {
    ...init,
    signal: going.signal,
    headers: {
      accept: 'application/json, text/event-stream',
      ...(init.headers as Record<string, string>),
      authorization: `Bearer ${token}`,
    },
  });
  if (response.headers.get('content-type') !== 'text/event-stream') throw new Error(await response.text());
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const stream: McpStream = {
    close: () => going.abort(),
    async next() {
      while (!text.includes('\n\n')) {
        const { done, value } = await reader.read();
        if (done) throw new Error('The stream ended');
        text += value;
      }
      const end = text.indexOf('\n\n') + 2;
      const block = text.slice(0, end);
      text = text.slice(end);
      return block.startsWith(':') ? stream.next() : eventsOf(block)[0];
    },
  };
  return stream;
}
