import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { badAnswer } from './bad-answers.ts';

/**
 * The outside world of the fault tests. It lives in the test's process, so it sees what really arrived, whatever
 * becomes of the gateway:
 * - `POST /keyed` has an effect once per `Idempotency-Key`, and gives the first answer again;
 * - `POST /plain` has an effect each time it is asked;
 * - `POST /patient` answers when it is told to;
 * - `POST /fault/{kind}` answers badly (bad-answers.ts).
 */
export type Upstream = {
  readonly url: string;
  /** `host:port`, as the egress guard's exceptions are written. */
  readonly host: string;
  /** Requests that arrived, by their Idempotency-Key: the id of the execution. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** What was done, by the operation that the caller had in mind. */
  readonly effects: ReadonlyMap<string, number>;
  /** How many requests wait for an answer on /patient. */
  readonly waiting: number;
  /** Lets /patient answer what waits, and from then on at once. */
  release(): void;
  /** Makes /patient wait again. */
  hold(): void;
  close(): Promise<void>;
};

export async function startUpstream(): Promise<Upstream> {
  const arrivals = new Map<string, number>();
  const effects = new Map<string, number>();
  const answers = new Map<string, string>();
  let waiting = new Set<() => void>();
  let holding = true;
  let asked = 0;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { op = '' } = JSON.parse((await textOf(request)) || '{}') as { op?: string };
    const key = String(request.headers['idempotency-key']);
    count(arrivals, key);
    asked += 1;
    const path = request.url ?? '/';
    if (path.startsWith('/fault/')) return badAnswer(path.slice('/fault/'.length), response);
    // Some answers come at once and some later, so that calls are in every stage at any moment.
    if (asked % 4 !== 0) await delay((asked * 7) % 40);
    if (path === '/patient') await patience();
    if (path !== '/keyed' || !answers.has(key)) count(effects, op);
    const text = answers.get(key) ?? JSON.stringify({ done: op });
    answers.set(key, text);
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  }

  async function patience(): Promise<void> {
    if (holding) await new Promise<void>((resolve) => waiting.add(resolve));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    arrivals,
    effects,
    get waiting() {
      return waiting.size;
    },
    release() {
      holding = false;
      for (const go of waiting) go();
      waiting = new Set();
    },
    hold() {
      holding = true;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
