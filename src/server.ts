import { createHmac } from 'node:crypto';
import type { Logger } from 'pino';
import { createListener } from './api/api.ts';
import type { App } from './api/app.ts';
import { ResourceUpdates } from './api/mcp/updates.ts';
import { createGateway } from './gateway/gateway.ts';
import { markUnknown } from './gateway/waiting/unknown.ts';
import { createSignIn } from './identity/sign-in.ts';
import { slugOf } from './identity/workspaces/slug-of.ts';
import { startDelivering } from './jobs/deliver.ts';
import { startForgettingLabels } from './jobs/forget-labels.ts';
import { startNotifying } from './jobs/notify.ts';
import { every } from './jobs/repeat.ts';
import { startSweeping } from './jobs/sweep.ts';
import { auditAll } from './ledger/audit.ts';
import { RefusalLedger } from './ledger/refusals.ts';
import { Sequencer } from './ledger/sequencer.ts';
import { RateLimiter } from './limits/rate-limiter.ts';
import { createLog } from './log.ts';
import { createMailer } from './notify/channels/email.ts';
import { Push } from './notify/channels/push.ts';
import { Noticer } from './notify/notices/noticer.ts';
import { tellOfDisabled } from './notify/notices/tell.ts';
import { Deliverer } from './notify/webhooks/deliverer.ts';
import { forgetEnded } from './registry/mcp/forget.ts';
import { compareHeard } from './registry/mcp/heard.ts';
import { keyFingerprints, secretsKeys, signInSecret } from './secrets-key.ts';
import type { Settings } from './settings.ts';
import { refuseDirectoryInUse } from './startup/data-directory.ts';
import { checkKey } from './startup/key-check.ts';
import { type Listening, listen } from './startup/listen.ts';
import { loginWarnings } from './startup/login-warnings.ts';
import { openStore } from './startup/open-store.ts';
import { openVault } from './startup/open-vault.ts';
import { redisWarnings } from './startup/redis-check.ts';
import type { Store } from './store/store.ts';
import { transact } from './store/transact.ts';
import { egressExceptions, sayException } from './upstream/egress-exceptions.ts';
import { type StdioAllowance, sayStdio } from './upstream/kinds/mcp/stdio/allow.ts';
import { createUpstream } from './upstream/upstream.ts';
import { VERSION } from './version.ts';

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
const REFUSALS_MS = 60_000;
/** How soon a server is let go whose connector was revoked or leads elsewhere by now. */
const SERVERS_MS = 5_000;

export type StartOptions = {
  readonly settings: Settings;
  readonly log?: Logger;
  /** Exceptions of the egress guard besides the operator's own, as `org_…@host:port`. */
  readonly egressAllow?: readonly string[];
  /** Runs when the store is open and before the first request is served. */
  readonly beforeServing?: (app: App) => Promise<void>;
};

/**
 * Takes the port, puts the process together and serves. Until then whoever asks hears that it is starting. Throws when
 * anything is not as it must be: what is wrong with the port or the directory before the store is touched.
 */
export async function start(options: StartOptions): Promise<Running> {
  const { settings } = options;
  if (settings.DATABASE_URL === undefined) refuseDirectoryInUse(settings.COUNTERSIGN_DATA_DIR);
  const log = options.log ?? createLog(settings.COUNTERSIGN_LOG_LEVEL);
  const listening = await listen(settings);
  let store: Store | undefined;
  try {
    const secret = signInSecret(settings);
    store = await openStore(settings, { report: (level, sentence) => log[level](sentence) });
    await checkKey(store, settings, keyFingerprints(settings));
    return await run(options, listening, store, secret, log);
  } catch (fault) {
    listening.server.close();
    listening.server.closeAllConnections();
    await store?.close().catch(() => {});
    throw fault;
  }
}

async function run(
  options: StartOptions,
  listening: Listening,
  store: Store,
  secret: string,
  log: Logger,
): Promise<Running> {
  const { settings } = options;
  const { server, url } = listening;
  const allow = [...settings.COUNTERSIGN_EGRESS_ALLOW, ...(options.egressAllow ?? [])];
  const { vault, warnings: ofVault } = await openVault(settings, secretsKeys(settings));
  const limiter = new RateLimiter(settings.REDIS_URL);
  const stdioAllow = settings.COUNTERSIGN_MCP_STDIO_ALLOW;
  const updates = new ResourceUpdates();
  const upstream = createUpstream({
    allow,
    stdioAllow,
    stdioMemoryBytes: settings.COUNTERSIGN_MCP_STDIO_MEMORY_MB * 1024 ** 2,
    mcp: { onListed: (heard) => compareHeard(store, heard), onUpdated: (heard) => updates.tell(heard) },
  });
  const sequencer = new Sequencer(store, log);
  const refusals = new RefusalLedger(
    (tenantId, events) => store.withTenant(tenantId, (tx) => auditAll(tx, events)),
    () => store.clock.now(),
    (fault) => log.warn({ err: fault }, 'refusals could not be entered into the audit log; they are counted'),
  );
  const stateKey = createHmac('sha256', secret).update('countersign state kept by clients').digest();
  const gateway = createGateway({ store, limiter, upstream, vault, sequencer, refusals, stateKey, log });
  const { COUNTERSIGN_SMTP_URL: smtp, COUNTERSIGN_MAIL_FROM: from } = settings;
  const mailer = smtp === undefined || from === undefined ? undefined : createMailer(smtp, from);
  const push = new Push(store, vault, upstream.fetchGuarded, pushSubject(url, from));
  const closing = new AbortController();
  const app: App = {
    settings,
    store,
    limiter,
    gateway,
    sequencer,
    egress: egressExceptions(allow, stdioAllow),
    publicUrl: url,
    fetchGuarded: upstream.fetchGuarded,
    vault,
    push,
    updates,
    stateKey,
    refusals,
    log,
    closing: closing.signal,
    signIn: createSignIn({
      store,
      limiter,
      log,
      secret,
      publicUrl: url,
      secureCookies: settings.COUNTERSIGN_PUBLIC_URL?.startsWith('https:') ?? false,
    }),
    transact: (tenantId, verb) => transact(store, tenantId, verb),
  };

  // A queue that is stuck holds up the lists, but no call.
  await sequencer.drain().catch((fault) => log.warn({ err: fault }, 'the audit queue could not be moved at the start'));
  await markUnknown(store, sequencer, store.engine.kind === 'embedded');
  await options.beforeServing?.(app);
  const warnings = [
    ...store.engine.warnings,
    ...(await loginWarnings(store)),
    ...(await redisWarnings(settings.REDIS_URL)),
    ...(await saidOfEgress(store, allow)),
    ...(await saidOfStdio(store, stdioAllow)),
    ...ofVault,
  ];
  sequencer.start();
  const sweeping = startSweeping(store, gateway, log);
  const forgetting = startForgettingLabels(store, log);
  const deliverer = new Deliverer({
    store,
    ask: upstream.fetchGuarded,
    vault,
    log,
    onDisabled: (tx, id) => tellOfDisabled(tx, id, mailer !== undefined),
  });
  const delivering = await startDelivering(store, deliverer, log);
  const noticer = new Noticer({ store, ask: upstream.fetchGuarded, vault, push, mailer, publicUrl: url, log });
  const notifying = startNotifying(store, noticer, log);
  const noting = every(LAST_USED_MS, log, () => gateway.flushLastUsed());
  const ending = every(SERVERS_MS, log, () => forgetEnded(store, upstream.servers));
  const counting = every(REFUSALS_MS, log, async () => {
    await refusals.flush();
    await app.signIn.enterRefused();
  });

  listening.serve(createListener(app));

  log.info({ version: VERSION, url, engine: store.engine.kind }, 'started');
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info('stopping');
    closing.abort();
    const closed = new Promise((resolve) => server.close(resolve));
    // A connection that has been answered meanwhile is idle, too, and would be kept for its time.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await Promise.all([upstream.close(GRACE_MS - 2_000), closed, delivering.stop(), notifying.stop()]);
    clearTimeout(cut);
    clearInterval(idle);
    await Promise.all([
      sweeping.stop(),
      forgetting.stop(),
      noting.stop(),
      ending.stop(),
      counting.stop(),
      sequencer.stop(),
    ]);
    await refusals.flush();
    await app.signIn.enterRefused().catch(() => {});
    await sequencer.drain().catch(() => {});
    await gateway.flushLastUsed().catch(() => {});
    await limiter.close();
    await store.close();
    log.info('stopped');
  };
  return { app, url, warnings, stop: () => (stopping ??= stop()) };
}

/** Who push services may ask about what is sent: the sender of e-mail, or whoever runs the installation's own page. */
function pushSubject(publicUrl: string, from: string | undefined): string {
  const address = from && /[^\s<>@]+@[^\s<>@]+/.exec(from)?.[0];
  return address ? `mailto:${address}` : publicUrl.startsWith('https:') ? publicUrl : 'mailto:nobody@localhost.invalid';
}

/** What the exceptions of the egress guard let through, a sentence each. */
async function saidOfEgress(store: Store, allow: readonly string[]): Promise<string[]> {
  const said: string[] = [];
  for (const exception of egressExceptions(allow).list) {
    const slug = exception.workspaceId === null ? undefined : await slugOf(store, exception.workspaceId);
    said.push(sayException(exception, slug));
  }
  return said;
}

/** What connectors may start on this machine, a sentence each. */
async function saidOfStdio(store: Store, allow: readonly StdioAllowance[]): Promise<string[]> {
  const said: string[] = [];
  for (const allowance of allow) {
    const { workspaceId } = allowance;
    said.push(sayStdio(allowance, workspaceId === null ? undefined : await slugOf(store, workspaceId)));
  }
  return said;
}
