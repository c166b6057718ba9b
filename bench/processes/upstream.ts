import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerMcp } from '../load/mcp-answer.ts';
import { serve } from './channel.ts';
import { createMeter } from './meter.ts';

/** The upstream of the benchmark: reads the body, answers a little JSON at once, remembers nothing. */

const ANSWER = Buffer.from(JSON.stringify({ ok: true, id: 'msg_0000000000000001', accepted: ['first', 'second'] }));
const HEADERS = { 'content-type': 'application/json', 'content-length': ANSWER.length };

/** The same as an MCP server: what it is asked has to be read. */
function serveMcp(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const answer = answerMcp(JSON.parse(Buffer.concat(chunks).toString() || '{}'));
    const body = answer === undefined ? '' : JSON.stringify(answer);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    outgoing.writeHead(answer === undefined ? 202 : 200, headers).end(body);
  });
}

const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
  if (incoming.url === '/mcp') return serveMcp(incoming, outgoing);
  incoming.resume();
  incoming.on('end', () => outgoing.writeHead(200, HEADERS).end(ANSWER));
});

const verbs = {
  ...createMeter(),
  listen: () =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
};
export type UpstreamVerbs = typeof verbs;

serve(verbs, async () => server.closeAllConnections());
