import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { serve } from './channel.ts';
import { createMeter } from './meter.ts';

/**
 * What the gate is compared with: the least a Node process can do between a caller and an upstream. It reads the
 * request, sends its bytes on with undici's `dispatch`, and answers with the upstream's bytes. It checks nothing,
 * records nothing, and understands nothing.
 */
const agent = new Agent({ connections: 256, pipelining: 1 });

function proxyTo(origin: string): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const headers = ['content-type', 'application/json', 'content-length', String(body.length)];
      agent.dispatch({ origin, path: '/echo', method: 'POST', headers, body }, new Relay(outgoing));
    });
  };
}

class Relay implements Dispatcher.DispatchHandler {
  readonly #outgoing: ServerResponse;
  #status = 502;
  #chunks: Buffer[] = [];

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#outgoing
      .writeHead(this.#status, { 'content-type': 'application/json', 'content-length': body.length })
      .end(body);
  }

  onResponseError(): void {
    this.#outgoing.writeHead(502, { 'content-length': 0 }).end();
  }
}

let stop = async (): Promise<void> => {};
const verbs = {
  ...createMeter(),
  listen: ({ upstreamPort }: { upstreamPort: number }) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer({ keepAliveTimeout: 60_000 }, proxyTo(`http://127.0.0.1:${upstreamPort}`));
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      stop = async () => {
        server.closeAllConnections();
        await agent.destroy();
      };
    }),
};
export type ProxyVerbs = typeof verbs;

serve(verbs, () => stop());
