import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createListener } from '../../src/api/api.ts';
import type { App } from '../../src/api/app.ts';
import type { Gate } from './gate.ts';

/** The gate's own routes and handlers on a second port, with a moment to act in the middle of a request. */
export type StandingFence = {
  readonly url: string;
  /** Runs once before the next transaction of a request begins: after everything that was asked before it. */
  beforeTransaction(does: (() => Promise<unknown>) | undefined): void;
  /** Sends the headers of a request; resolves when the gate has begun to wait for its body. */
  begin(method: string, path: string, headers: Record<string, string>, body: unknown): Promise<Begun>;
  close(): Promise<void>;
};

/** A request whose body has yet to come. */
export type Begun = { finish(): Promise<{ status: number; code: string | undefined }> };

export async function openStandingFence({ running }: Gate): Promise<StandingFence> {
  let before: (() => Promise<unknown>) | undefined;
  const app: App = {
    ...running.app,
    async transact(tenantId, verb) {
      const does = before;
      before = undefined;
      await does?.();
      return running.app.transact(tenantId, verb);
    },
  };
  const listener = createListener(app);
  const waiting = new Map<string, () => void>();
  const server: Server = createServer((incoming: IncomingMessage, outgoing) => {
    const nth = incoming.headers['x-nth'] as string | undefined;
    incoming.on('newListener', (event) => {
      if (event === 'data') waiting.get(nth ?? '')?.();
    });
    listener(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let count = 0;
  return {
    url: `http://127.0.0.1:${port}`,
    beforeTransaction(does) {
      before = does;
    },
    async begin(method, path, headers, body) {
      count += 1;
      const nth = String(count);
      const bytes = Buffer.from(JSON.stringify(body));
      const outgoing = request({
        port,
        host: '127.0.0.1',
        method,
        path,
        agent: false,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': bytes.length, 'x-nth': nth },
      });
      const answered = new Promise<{ status: number; code: string | undefined }>((resolve, reject) => {
        outgoing.on('error', reject);
        outgoing.on('response', async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          const { code } = text.startsWith('{') ? (JSON.parse(text) as { code?: string }) : {};
          resolve({ status: response.statusCode!, code });
        });
      });
      const isRead = new Promise<void>((resolve) => waiting.set(nth, resolve));
      outgoing.flushHeaders();
      const early = await Promise.race([isRead, answered]);
      if (early !== undefined) throw new Error(`${method} ${path} was answered ${early.status} ${early.code} at once`);
      return {
        finish() {
          outgoing.end(bytes);
          return answered;
        },
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
