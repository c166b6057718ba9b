import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { EngineName } from './engines.ts';
import type { Reply, Send } from './gate.ts';
import { fingerprint } from './untouched.ts';
import { type BenchClient, openWorkbench, type Workbench } from './workbench.ts';

/**
 * A gate that bad input is sent to. Around every test of the describe block that calls `useWatchedGate`: nothing may
 * have been changed but the logs, nothing may have broken, and no answer and no line of the log may tell what is
 * nobody's business.
 */
export type WatchedGate = {
  readonly bench: () => Workbench;
  /** A client that may search the help. */
  readonly client: () => BenchClient;
  /** Senders whose answers are watched. */
  readonly agent: Send;
  readonly owner: Send;
  readonly anyone: Send;
  /** Watches another text that came back. */
  note(text: string): void;
  /** What has been logged since the test began. */
  readonly logged: readonly string[];
  /** Takes what is there now for unchanged: the test has prepared something. */
  prepared(): Promise<void>;
};

export function useWatchedGate(engine: EngineName): WatchedGate {
  let bench: Workbench;
  let client: BenchClient;
  let before: Record<string, string>;
  const logged: string[] = [];
  const answered: string[] = [];

  beforeAll(async () => {
    const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
    bench = await openWorkbench(engine, {}, log);
    client = await bench.newClient();
    await bench.newGrant(client.id, 'help.search', 'auto');
  });
  afterAll(() => bench?.close());

  beforeEach(async () => {
    answered.length = 0;
    logged.length = 0;
    before = await fingerprint(bench.sql);
  });
  afterEach(async () => {
    expect(await fingerprint(bench.sql)).toEqual(before);
    const tokens = [client.token, ...bench.gate.demo.clients.map(({ token }) => token)];
    const passwords = bench.gate.demo.users.map(({ password }) => password);
    for (const text of [...answered, ...logged]) {
      for (const secret of [...tokens, ...passwords]) expect(text).not.toContain(secret);
    }
    for (const text of answered) {
      expect(text).not.toMatch(/\bselect \w|insert into|\n\s+at |node_modules|\.ts:\d|\/work\//i);
    }
    expect(logged.filter((line) => line.includes('"fault"'))).toEqual([]);
    expect((await bench.gate.anyone('GET', '/healthz')).status).toBe(200);
  });

  const watched =
    (by: () => Send): Send =>
    async (...args) => {
      const reply = await by()(...args);
      answered.push(reply.text, [...reply.headers].join('\n'));
      return reply;
    };
  return {
    bench: () => bench,
    client: () => client,
    agent: watched(() => client.send),
    owner: watched(() => bench.people.owner),
    anyone: watched(() => bench.gate.anyone),
    note: (text) => void answered.push(text),
    logged,
    async prepared() {
      before = await fingerprint(bench.sql);
    },
  };
}

/** A refusal is a problem document with a code, and names the request that it answers. */
export function expectProblem(reply: Reply, status: number, code: string): void {
  expect([reply.status, reply.body?.code, reply.text.length < 5_000]).toEqual([status, code, true]);
  expect(reply.headers.get('content-type')).toBe('application/problem+json');
  expect(reply.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(reply.body.request_id).toMatch(/^req_[0-9a-z]{26}$/);
  expect(reply.headers.get('x-request-id')).toBe(reply.body.request_id);
}
