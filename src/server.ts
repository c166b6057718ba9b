import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createListener } from './api/api.ts';
import type { App } from './api/app.ts';
import { answerClientError } from './api/client-error.ts';
import { createGateway } from './gateway/gateway.ts';
import { markUnknown } from './gateway/unknown.ts';
import { createSignIn } from './identity/sign-in.ts';
import { repeat } from './jobs/repeat.ts';
import { startSweeping } from './jobs/sweep.ts';
import { Sequencer } from './ledger/sequencer.ts';
import { RateLimiter } from './limits/rate-limiter.ts';
import { createLog } from './log.ts';
import { signInSecret } from './secrets-key.ts';
import type { Settings } from './settings.ts';
import { Store } from './store/store.ts';
import { transact } from './store/transact.ts';
import { createUpstream } from './upstream/upstream.ts';

/** A running Countersign. */
export type Running = {
  readonly app: App;
  readonly url: string;
  /** What the operator should know, such as a database version with a hole. */
  readonly warnings: readonly string[];
  /** Ends in-flight requests or records that they are unknown, within 10 s, then closes everything. */
  stop(): Promise<void>;
};

/** In-flight calls get this long when the process is asked to stop. */
const GRACE_MS = 8_000;
const LAST_USED_MS = 10_000;
/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

export type StartOptions = {
  readonly settings: Settings;
  readonly log?: Logger;
  /** Loopback destinations of the demo that the egress guard lets through, besides the operator's own. */
  readonly egressAllow?: readonly string[];
  /** Runs when the store is open and before the first request is served. */
  readonly beforeServing?: (app: App) => Promise<void>;
};

/** Puts the process together and serves. Throws before listening when anything is not as it must be. */
export async function start(options: StartOptions): Promise<Running> {
  const { settings } = options;
  const log = options.log ?? createLog(settings.COUNTERSIGN_LOG_LEVEL);
  const allow = [...settings.COUNTERSIGN_EGRESS_ALLOW, ...(options.egressAllow ?? [])];
  const store = await Store.open({
    databaseUrl: settings.DATABASE_URL,
    dataDir: settings.COUNTERSIGN_DATA_DIR,
    report: (level, sentence) => log[level](sentence),
  });
  const limiter = new RateLimiter(settings.REDIS_URL);
  const upstream = createUpstream({ allow });
  const sequencer = new Sequencer(store, log);
  const gateway = createGateway({ store, limiter, upstream, sequencer, log });
  const closing = new AbortController();
  const app: App = {
    settings,
    store,
    limiter,
    gateway,
    sequencer,
    log,
    closing: closing.signal,
    signIn: createSignIn({
      store,
      limiter,
      log,
      secret: signInSecret(settings),
      publicUrl: settings.COUNTERSIGN_PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`,
      secureCookies: settings.COUNTERSIGN_PUBLIC_URL?.startsWith('https:') ?? false,
    }),
    transact: (tenantId, verb) => transact(store, tenantId, verb),
  };
  const warnings = [...store.engine.warnings, ...allow.map((entry) => `The egress guard lets calls reach ${entry}.`)];

  // A queue that is stuck holds up the lists, but no call.
  await sequencer.drain().catch((fault) => log.warn({ err: fault }, 'the audit queue could not be moved at the start'));
  await markUnknown(store, sequencer, store.engine.kind === 'embedded');
  await options.beforeServing?.(app);
  sequencer.start();
  const sweeping = startSweeping(store, gateway, log);
  const noting = repeat({ minMs: LAST_USED_MS, maxMs: LAST_USED_MS }, log, async () => {
    await gateway.flushLastUsed();
    return LAST_USED_MS;
  });

  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: 10_000 }, createListener(app));
  server.on('clientError', answerClientError);
  await listen(server, settings);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    closing.abort();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await Promise.all([upstream.close(GRACE_MS - 2_000), closed]);
    clearTimeout(cut);
    await Promise.all([sweeping.stop(), noting.stop(), sequencer.stop()]);
    await sequencer.drain().catch(() => {});
    await gateway.flushLastUsed().catch(() => {});
    await limiter.close();
    await store.close();
  };
  return { app, url: urlOf(server, settings), warnings, stop: () => (stopping ??= stop()) };
}

function listen(server: Server, settings: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.PORT, settings.HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server, settings: Settings): string {
  const { port } = server.address() as AddressInfo;
  const host = settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST;
  return settings.COUNTERSIGN_PUBLIC_URL ?? `http://${host}:${port}`;
}
