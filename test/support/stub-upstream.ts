import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that reached the upstream. */
export type Arrival = { readonly key: string; readonly path: string; readonly body: string };

/** An upstream that does what its paths say, and counts every request that reaches it. */
export type StubUpstream = {
  readonly url: string;
  /** Everything that arrived, oldest first. It honours no Idempotency-Key, so a repeated call is seen. */
  readonly arrivals: readonly Arrival[];
  /** How many requests arrived with this Idempotency-Key, which is an execution's id. */
  arrivedWith(key: string): number;
  /** Resolves once a request hangs. */
  hangs(): Promise<void>;
  /** Answers everything that hangs. */
  release(): void;
  close(): Promise<void>;
};

/**
 * Starts it on loopback. `/ok` executes, `/error` answers 422, `/cut` reads the request and cuts the connection,
 * `/hang` answers once released, `/redirect` sends elsewhere, `/echo` answers what it was sent.
 */
export async function startStubUpstream(): Promise<StubUpstream> {
  const arrivals: Arrival[] = [];
  const counts = new Map<string, number>();
  const hanging = new Set<() => void>();
  let onHang = (): void => {};

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://upstream.invalid').pathname;
    const body = await textOf(request);
    const key = String(request.headers['idempotency-key'] ?? '');
    arrivals.push({ key, path, body });
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const answer = (status: number, content: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    };
    if (path === '/cut') request.socket.destroy();
    else if (path === '/hang') {
      hanging.add(() => answer(200, { done: true }));
      onHang();
    } else if (path === '/error') answer(422, { error: 'refused by the upstream' });
    else if (path === '/redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else if (path === '/echo') answer(200, JSON.parse(body));
    else answer(200, { done: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const release = (): void => {
    for (const answer of hanging) answer();
    hanging.clear();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    arrivedWith: (key) => counts.get(key) ?? 0,
    hangs: () =>
      new Promise((resolve) => {
        onHang = resolve;
        if (hanging.size > 0) resolve();
      }),
    release,
    async close() {
      release();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
