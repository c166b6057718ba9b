import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Node } from './node.ts';

/** A load balancer in front of nodes: each request goes to the next one. */
export type RoundRobin = {
  readonly url: string;
  /** The nodes behind it; one that is gone may be taken out, and a new one put in. */
  readonly nodes: Set<Node>;
  close(): Promise<void>;
};

/**
 * Starts a load balancer. A node that takes no connections is passed over; a request whose answer breaks off is
 * broken off for its caller, too, because it may have been done.
 */
export async function startRoundRobin(initial: readonly Node[]): Promise<RoundRobin> {
  const nodes = new Set(initial);
  const agent = new Agent({ keepAlive: true });
  let turn = 0;

  function forward(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, tries: number): void {
    turn += 1;
    const node = [...nodes][turn % nodes.size];
    if (node === undefined) return void outgoing.destroy();
    const { method, url, headers } = incoming;
    const sent = request(node.url + url, { agent, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    sent.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' && tries < nodes.size) forward(incoming, body, outgoing, tries + 1);
      else outgoing.destroy();
    });
    sent.end(body);
  }

  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.once('end', () => forward(incoming, Buffer.concat(chunks), outgoing, 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nodes,
    async close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
