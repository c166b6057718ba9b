import { PAYLOAD_SCHEMA } from '../payload.ts';

/** What the MCP server of the benchmark answers, over HTTP and as a local process: one tool that says the same to everything. */

const IDENTITY = { name: 'bench', version: '1.0.0' };
const CAPABILITIES = { tools: {} };
const RESULT = { content: [{ type: 'text', text: '{"ok":true,"id":"msg_0000000000000001"}' }] };
const TOOLS = [{ name: 'echo', description: 'Answers at once', inputSchema: PAYLOAD_SCHEMA }];

type Message = {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
};

/** The answer to one message; undefined for a notification. */
export function answerMcp({ id, method, params }: Message): object | undefined {
  if (id === undefined) return undefined;
  const of = (result: object): object => ({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } });
  switch (method) {
    case 'tools/call':
      return of(RESULT);
    case 'tools/list':
      return of({ tools: TOOLS, ttlMs: 60_000, cacheScope: 'private' });
    case 'server/discover': {
      const hints = { ttlMs: 60_000, cacheScope: 'private' };
      return of({ supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES, ...hints });
    }
    case 'initialize':
      return of({
        protocolVersion: params?.protocolVersion ?? '2025-11-25',
        capabilities: CAPABILITIES,
        serverInfo: IDENTITY,
      });
    case 'ping':
      return of({});
    default:
      return { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
  }
}
