import { rmSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import { type DemoWorkspace, seedDemo } from '../../src/demo/seed.ts';
import { type DemoUpstream, startDemoUpstream } from '../../src/demo/upstream.ts';
import { idToUuid, newId } from '../../src/kernel/ids.ts';
import { type Running, start } from '../../src/server.ts';
import { readSettings } from '../../src/settings.ts';
import type { EngineName } from './engines.ts';
import { readyDirectory } from './ready.ts';
import { createReadyDatabase } from './store.ts';

/** What a request came to. `body` is parsed where it is JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
export type Reply = { readonly status: number; readonly body: any; readonly headers: Headers; readonly text: string };

export type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;

/** A whole Countersign over real HTTP, with the demo's two workspaces and its real upstream on loopback. */
export type Gate = {
  readonly url: string;
  readonly running: Running;
  readonly upstream: DemoUpstream;
  readonly demo: DemoWorkspace;
  readonly other: DemoWorkspace;
  /** The demo workspace's tenant id. */
  readonly tenantId: string;
  /** The database's URL, as superuser; undefined on the embedded engine. */
  readonly databaseUrl: string | undefined;
  /** Requests without any credential. */
  readonly anyone: Send;
  /** Requests with a bearer token: by default the demo's first client's. */
  client(token?: string): Send;
  /** Requests with the cookie of a member of the demo workspace (or of another one), signed in once. */
  person(role: string, nth?: number, workspace?: DemoWorkspace): Promise<Send>;
  /** Moves everything pending into the chains, so that the audit log can be read. */
  sequenced(): Promise<void>;
  close(): Promise<void>;
};

/** Starts a gate on an engine with an empty database. `env` adds settings; `log` takes what the gate logs. */
export async function startGate(
  engine: EngineName,
  env: Record<string, string> = {},
  log: Logger = pino({ level: process.env.TEST_LOG ?? 'silent' }),
): Promise<Gate> {
  const dataDir = readyDirectory();
  const database = engine === 'postgres' ? await createReadyDatabase() : undefined;
  const upstream = await startDemoUpstream({ port: 0 });
  let workspaces: DemoWorkspace[] = [];
  const demoId = newId('org');
  const running = await start({
    settings: readSettings({ PORT: '0', COUNTERSIGN_DATA_DIR: dataDir, DATABASE_URL: database?.url, ...env }),
    log,
    egressAllow: [`${demoId}@${new URL(upstream.url).host}`],
    async beforeServing(app) {
      workspaces = await seedDemo(app, upstream.url, demoId);
    },
  });
  const { url } = running;
  const [demo, other] = workspaces as [DemoWorkspace, DemoWorkspace];
  const cookies = new Map<string, Promise<string>>();

  const signIn = async (email: string, password: string): Promise<string> => {
    const reply = await send(url)('POST', '/api/auth/sign-in/email', { email, password });
    if (reply.status !== 200) throw new Error(`${email} cannot sign in: ${reply.text}`);
    return reply.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  };

  return {
    url,
    running,
    upstream,
    demo,
    other,
    tenantId: idToUuid(demo.id),
    databaseUrl: database?.url,
    anyone: send(url),
    client: (token = demo.clients[0]!.token) => send(url, { authorization: `Bearer ${token}` }),
    async person(role, nth = 0, workspace = demo) {
      const user = workspace.users.filter((one) => one.role === role)[nth];
      if (user === undefined) throw new Error(`The demo has no ${role} number ${nth}`);
      const signedIn = cookies.get(user.email) ?? signIn(user.email, user.password);
      cookies.set(user.email, signedIn);
      return send(url, { cookie: await signedIn, origin: url });
    },
    async sequenced() {
      await running.app.sequencer.drain();
    },
    async close() {
      await running.stop();
      await upstream.close();
      await database?.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A sender with standing headers. A string or bytes are sent as they are, everything else as JSON. */
export function send(url: string, standing: Record<string, string> = {}): Send {
  return async (method, path, body, headers = {}) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...standing, ...headers },
      ...(body !== undefined && { body: raw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/jsonl/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(text) : undefined, headers: response.headers, text };
  };
}
