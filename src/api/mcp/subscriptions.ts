import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Token } from '../../gateway/call.ts';
import { isRefused } from '../../kernel/codes.ts';
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
const SESSION_MS = 3_600_000;
const STREAMS_MAX_PER_TOKEN = 4;
const HEARTBEAT_MS = 15_000;
/** How often it is asked whether the client may still know, and how long changes are gathered. */
const CHECK_MS = 60_000;
const GATHER_MS = 250;

const sessions = new LRUCache<string, Set<string>>({ max: SESSIONS_MAX, ttl: SESSION_MS, updateAgeOnGet: true });
const openStreams = new OpenStreams(STREAMS_MAX_PER_TOKEN);

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
  const uris = sessions.get(key) ?? new Set();
  const { uri } = params;
  if (typeof uri !== 'string') return exchange.fault(fault(RPC.invalidParams, 'params.uri must be a string.', 200));
  if (uris.has(uri)) return exchange.result('{}');
  if (uris.size >= URIS_MAX) {
    return exchange.fault(fault(RPC.invalidParams, `A session may subscribe to ${URIS_MAX} resources.`, 200));
  }
  const answer = await watch(request, uri);
  if (answer !== undefined) return answer.tell();
  sessions.set(key, uris.add(uri));
  exchange.result('{}');
}

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
  if (!Array.isArray(asked) || asked.length > URIS_MAX || !asked.every((uri) => typeof uri === 'string')) {
    const what = `params.notifications.resourceSubscriptions must be a list of at most ${URIS_MAX} URIs.`;
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
        checkedMs = performance.now();
        const present = await app.gateway.identify(request.incoming.headers.authorization ?? null, request.ip);
        if (isRefused(present)) break;
        const may = await app.gateway.passing.readable(client);
        for (const uri of changed)
          if (may(uri)) exchange.notify('notifications/resources/updated', { uri, ...(_meta && { _meta }) });
        changed.clear();
        for (const uri of wanted()) app.gateway.passing.keepWatching(client.tenantId, uri);
      } else exchange.beat();
    }
    return true;
  } finally {
    unfollow();
    gone.removeEventListener('abort', onGone);
    leave();
  }
}
