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
