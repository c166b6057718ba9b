import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SELF_SIGNED } from './self-signed.ts';

/** One request that came in, as it came. */
export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
};

/** Somebody else's server that webhooks are sent to. How it answers is by the path. */
export type Receiver = {
  readonly url: string;
  /** `host:port`, as an egress exception names it. */
  readonly host: string;
  readonly received: Received[];
  /** What came to a path. */
  at(path: string): Received[];
  /** Answers what `/hang…` keeps waiting, and from now on at once. */
  letGo(): void;
  close(): Promise<void>;
};

/** Starts one on a free loopback port. `/500/…`, `/302/…` and the like answer with that status. */
export async function startReceiver({ secure = false } = {}): Promise<Receiver> {
  const received: Received[] = [];
  const hanging = new Set<ServerResponse>();
  let hangs = true;
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url!;
      const bytes = Buffer.concat(chunks);
      received.push({ path, headers: request.headers, body: bytes.toString(), bytes });
      if (path.startsWith('/hang') && hangs) return void hanging.add(response);
      const status = Number(/^\/(\d{3})(?:\/|$)/.exec(path)?.[1] ?? 204);
      const answer = path.includes('long') ? 'x'.repeat(100_000) : status === 204 ? undefined : `answer ${status}`;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end(answer);
    });
  };
  const server = secure ? createSecureServer(SELF_SIGNED, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${secure ? 'https' : 'http'}://${host}`,
    host,
    received,
    at: (wanted) => received.filter(({ path }) => path === wanted),
    letGo() {
      hangs = false;
      for (const response of hanging) response.writeHead(204).end();
      hanging.clear();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
