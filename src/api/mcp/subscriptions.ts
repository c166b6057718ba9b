import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Token } from '../../gateway/call.ts';
import { OpenStreams } from '../sse/open-streams.ts';
import { doorOf } from './door-of.ts';
import { fault, RPC } from './message.ts';
import { tellRefused } from './passing.ts';
import { clientOf, type McpRequest } from './request.ts';
import { complete } from './results.ts';
import type { Session } from './session.ts';

/**
 * What clients want to be told of when it changes: resources of upstream servers. A client of a handshake subscribes by the
 * id of its session and hears of it on a stream of that session; one of the stateless revision says on a stream itself what
 * it wants. Both is kept by the node that was asked, and each subscription is a call, which is ruled on and recorded.
 */

const URIS_MAX = 64;
const SESSIONS_MAX = 2_000;
const SESSIONS_MAX_PER_TOKEN = 16;
const SESSION_MS = 3_600_000;
const URI_MAX = 2_048;
const STREAMS_MAX_PER_TOKEN = 4;
const STREAMS_MAX_PER_WORKSPACE = 256;
const HEARTBEAT_MS = 15_000;
/** How often it is seen to that the resources are still watched, and for how long changes are gathered. */
const CHECK_MS = 60_000;
/** For how long it is believed that the client's token is live. */
const LIVE_MS = 5_000;
const GATHER_MS = 250;

const sessions = new LRUCache<string, Set<string>>({ max: SESSIONS_MAX, ttl: SESSION_MS, updateAgeOnGet: true });
const openStreams = new OpenStreams(STREAMS_MAX_PER_TOKEN);
const openInWorkspace = new OpenStreams(STREAMS_MAX_PER_WORKSPACE);

const keyOf = ({ sha256 }: Token, { id }: Session): string => `${sha256} ${id}`;

function sessionIn({ revision }: McpRequest): Session | undefined {
  return revision.stateless ? undefined : revision.session;
}

/** `resources/subscribe`, of a session. */
export async function subscribe(request: McpRequest): Promise<void> {
  const { exchange, credential, params } = request;
  const session = sessionIn(request);
  if (session === undefined) return exchange.fault(fault(RPC.invalidParams, NO_SESSION, 200));
  const key = keyOf(credential, session);
  const { uri } = params;
  if (!isUri(uri)) return exchange.fault(fault(RPC.invalidParams, `params.uri ${NO_URI}.`, 200));
  const isFull = (): boolean => {
    const uris = sessions.get(key);
    return uris !== undefined && uris.size >= URIS_MAX && !uris.has(uri);
  };
  const full = fault(RPC.invalidParams, `A session may subscribe to ${URIS_MAX} resources.`, 200);
  if (isFull()) return exchange.fault(full);
  const answer = await watch(request, uri);
  if (answer !== undefined) return answer.tell();
  // Others of the same session may have subscribed meanwhile.
  if (isFull()) return exchange.fault(full);
  const uris = sessions.get(key);
  if (uris !== undefined) uris.add(uri);
  else keep(key, credential, new Set([uri]));
  exchange.result('{}');
}

/** One token's sessions do not take the places of all others. */
function keep(key: string, { sha256 }: Token, uris: Set<string>): void {
  const theirs = [...sessions.keys()].filter((one) => one.startsWith(`${sha256} `));
  // The most recently used comes first.
  for (const one of theirs.slice(SESSIONS_MAX_PER_TOKEN - 1)) sessions.delete(one);
  sessions.set(key, uris);
}

function isUri(uri: unknown): uri is string {
  return typeof uri === 'string' && uri.length <= URI_MAX;
}

const NO_URI = `must be a URI of at most ${URI_MAX} characters`;

const NO_SESSION = 'A subscription is of a session: send the Mcp-Session-Id that initialize was answered with.';

/** `resources/unsubscribe`. Nothing is sent: nobody is told any more. */
export function unsubscribe(request: McpRequest): void {
  const session = sessionIn(request);
  const { uri } = request.params;
  if (session !== undefined && typeof uri === 'string') sessions.get(keyOf(request.credential, session))?.delete(uri);
  request.exchange.result('{}');
}

/** Has the resource watched, as the call that it is; how the client is told where that was refused. */
async function watch(request: McpRequest, uri: string): Promise<{ tell(): void | Promise<void> } | undefined> {
  const { app } = request;
  const answer = await app.gateway.passing.pass({ ...doorOf(request), method: 'resources/subscribe', params: { uri } });
  if (answer.kind === 'executed') return undefined;
  return { tell: () => tellRefused(request, answer, { uri }) };
}

/** `subscriptions/listen`: the stream of this request tells of what it names, for as long as it is open. */
export async function listen(request: McpRequest): Promise<void> {
  const { exchange, params, id } = request;
  const asked = (params.notifications as { resourceSubscriptions?: unknown } | undefined)?.resourceSubscriptions ?? [];
  if (!Array.isArray(asked) || asked.length > URIS_MAX || !asked.every(isUri)) {
    const what = `params.notifications.resourceSubscriptions must be a list of at most ${URIS_MAX} URIs, each of at most ${URI_MAX} characters.`;
    return exchange.fault(fault(RPC.invalidParams, what, 200));
  }
  if (!exchange.takesEvents) return exchange.fault(fault(RPC.transport, 'Accept text/event-stream.', 406));
  const honoured = new Set<string>();
  for (const uri of asked as string[]) if ((await watch(request, uri)) === undefined) honoured.add(uri);
  const _meta = { [SUBSCRIPTION]: String(id) };
  const notifications = honoured.size > 0 ? { resourceSubscriptions: [...honoured] } : {};
  const isOpen = await follow(
    request,
    () => honoured,
    _meta,
    () => exchange.notify('notifications/subscriptions/acknowledged', { notifications, _meta }),
  );
  if (isOpen) exchange.result(complete(true, JSON.stringify({})));
}

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

/** A stream of a session, opened with GET: tells of what the session has subscribed to. */
export async function followSession(request: McpRequest, session: Session): Promise<void> {
  const key = keyOf(request.credential, session);
  await follow(
    request,
    () => sessions.get(key) ?? NOTHING,
    undefined,
    () => request.exchange.begin(),
  );
  request.exchange.end();
}

const NOTHING: ReadonlySet<string> = new Set();

/** Tells of changes until the client is gone, or may not know any more. False where it was refused at once. */
async function follow(
  request: McpRequest,
  wanted: () => ReadonlySet<string>,
  _meta: object | undefined,
  begin: () => void,
): Promise<boolean> {
  const { app, exchange, credential } = request;
  const client = await clientOf(request);
  if (client === undefined) return false;
  const leave = openStreams.enter(credential.sha256!);
  if (leave === undefined) {
    exchange.fault(fault(RPC.transport, `A token may hold ${STREAMS_MAX_PER_TOKEN} such streams open.`, 429));
    return false;
  }
  const leaveWorkspace = openInWorkspace.enter(client.tenantId);
  if (leaveWorkspace === undefined) {
    leave();
    const most = `A workspace may hold ${STREAMS_MAX_PER_WORKSPACE} such streams open at a node.`;
    exchange.fault(fault(RPC.transport, most, 429));
    return false;
  }
  const gone = request.gone();
  const changed = new Set<string>();
  let wake = (): void => {};
  const unfollow = app.updates.follow(client.tenantId, (uri) => {
    if (!wanted().has(uri)) return;
    changed.add(uri);
    wake();
  });
  const onGone = (): void => wake();
  gone.addEventListener('abort', onGone);
  try {
    begin();
    let checkedMs = performance.now();
    let liveMs = -Infinity;
    while (!gone.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const timer = setTimeout(wake, HEARTBEAT_MS);
      if (changed.size === 0) await woken;
      clearTimeout(timer);
      if (gone.aborted) break;
      if (changed.size > 0) await sleep(GATHER_MS, undefined, { signal: gone }).catch(() => {});
      const isDue = performance.now() - checkedMs > CHECK_MS;
      if (changed.size > 0 || isDue) {
        // It is servers that say how often: that takes nothing from what the client itself may ask.
        if (performance.now() - liveMs > LIVE_MS) {
          if (!(await app.gateway.isLive(credential))) break;
          liveMs = performance.now();
        }
        const may = await app.gateway.passing.readable(client);
        for (const uri of changed)
          if (may(uri)) exchange.notify('notifications/resources/updated', { uri, ...(_meta && { _meta }) });
        changed.clear();
        if (isDue) {
          checkedMs = performance.now();
          for (const uri of wanted()) if (may(uri)) app.gateway.passing.keepWatching(client.tenantId, uri);
        }
      } else exchange.beat();
    }
    return true;
  } finally {
    unfollow();
    gone.removeEventListener('abort', onGone);
    leaveWorkspace();
    leave();
  }
}
