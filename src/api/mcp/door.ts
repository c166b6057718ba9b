import type { IncomingMessage, ServerResponse } from 'node:http';
import { newCall, type Token } from '../../gateway/call.ts';
import { originOf } from '../../identity/client-address.ts';
import { type Problem, problem, REFUSALS, type RefusalCode } from '../../kernel/codes.ts';
import { readWire, type WireValue } from '../../kernel/wire-object.ts';
import { StoreUnavailable } from '../../store/fault.ts';
import type { App } from '../app.ts';
import { isJson, readBytes } from '../body.ts';
import { takeBody, whenGone } from '../call-rim.ts';
import { problemWire } from '../problems.ts';
import type { Received } from '../received.ts';
import { dropBody } from '../unread-body.ts';
import { sendWire } from '../wire.ts';
import { hearAnswer } from './asked.ts';
import { cancellable, cancelRequest } from './cancel.ts';
import { type View, WHOLE } from './catalogue.ts';
import { doorOf } from './door-of.ts';
import { Exchange } from './exchange.ts';
import { fault, idOf, isFault, RPC, type RpcRequest, readMessage } from './message.ts';
import { serveMethod } from './methods.ts';
import { type McpRequest, sendUnauthenticated } from './request.ts';
import { callResult, complete } from './results.ts';
import { revisionOf } from './revision.ts';
import { sessionOf } from './session.ts';
import { followSession } from './subscriptions.ts';

export const MCP_PATH = '/mcp';

/** Below it, the first part of a tool's name: `/mcp/mail` shows `mail.send` as `send`, and nothing else. */
const BELOW = /^\/mcp(?:\/([a-z][a-z0-9_]{0,62}))?$/;

/** Whether a URL is the MCP door's, with the part of the tools that it shows. */
export function mcpView(url: string | undefined): View | undefined {
  const path = url?.split('?', 1)[0] ?? '';
  if (!path.startsWith(MCP_PATH)) return undefined;
  const found = BELOW.exec(path);
  if (found === null) return undefined;
  return found[1] === undefined ? WHOLE : { prefix: `${found[1]}.` };
}

/** Who asks, and where: what is known of a request before its body is. */
type Asking = {
  readonly app: App;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly received: Received;
  readonly view: View;
  readonly credential: Token;
  readonly ip: string;
  readonly publicUrl: string;
};

/** Serves `POST /mcp`, every governed call's door over MCP (Streamable HTTP). Never rejects. */
export async function serveMcp(
  app: App,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  received: Received,
  view: View,
): Promise<void> {
  const { ip, https } = originOf(incoming, app.settings.COUNTERSIGN_TRUSTED_PROXIES);
  const asked = `${https ? 'https' : 'http'}://${incoming.headers.host ?? 'localhost'}`;
  const publicUrl = app.settings.COUNTERSIGN_PUBLIC_URL ?? asked;
  const refused = refuseHttp(incoming, [asked, publicUrl]);
  if (refused !== undefined) {
    const { headers, ...wire } = problemWire(refused, received.requestId);
    sendWire(outgoing, {
      ...wire,
      headers: refused.code === 'method_not_allowed' ? { ...headers, allow: 'POST' } : headers,
    });
  } else {
    const credential = app.gateway.credentialOf(incoming.headers.authorization ?? null);
    const asking = { app, incoming, outgoing, received, view, credential, ip, publicUrl };
    await (incoming.method === 'GET' ? serveStream(asking) : serveMessage(asking));
  }
  if (!incoming.readableEnded) dropBody(incoming);
}

/** A browser says which page asks. None but this site's own may; a page of another site has no token, and gets no answer. */
function refuseHttp({ method, headers }: IncomingMessage, own: readonly string[]): Problem | undefined {
  const { origin } = headers;
  if (origin !== undefined && !own.includes(origin)) return problem('bad_origin');
  // A stream is of a session: without one there is nothing that it could tell.
  const isStream = method === 'GET' && headers['mcp-session-id'] !== undefined;
  return method === 'POST' || isStream ? undefined : problem('method_not_allowed');
}

/** The stream of a session, on which a client hears of what it has subscribed to. */
async function serveStream(asking: Asking): Promise<void> {
  const { app, incoming, outgoing, received, credential, ip, publicUrl } = asking;
  const exchange = new Exchange(incoming, outgoing, received.requestId, null);
  try {
    const known = await app.gateway.knows(credential, ip);
    if (known !== true) return sendUnauthenticated(outgoing, received.requestId, publicUrl, known);
    const session = sessionOf(incoming.headers['mcp-session-id']);
    if (session === undefined || session === 'unknown') {
      return exchange.fault(fault(RPC.transport, 'There is no such session. Initialize again.', 404));
    }
    if (!exchange.takesEvents) return exchange.fault(fault(RPC.transport, 'Accept text/event-stream.', 406));
    const { url, inputs } = session;
    const revision = { stateless: false, abilities: { tasks: false, url, inputs }, session } as const;
    const nothing = { kind: 'request', id: 0, method: 'GET', params: {}, meta: {} } as const;
    const gone = whenGone(app, outgoing);
    await followSession({ ...asking, ...nothing, exchange, revision, search: false, gone: () => gone }, session);
  } catch (thrown) {
    answerFault(asking, exchange, thrown);
  }
}

async function serveMessage(asking: Asking): Promise<void> {
  const { app, incoming, outgoing, received, credential, ip, publicUrl } = asking;
  let exchange = new Exchange(incoming, outgoing, received.requestId, null);
  try {
    // Before anything of the body is kept: whoever has no token that was ever given out is told so at once.
    const asked = app.gateway.knows(credential, ip);
    const known = asked instanceof Promise ? await asked : asked;
    if (known !== true) return sendUnauthenticated(outgoing, received.requestId, publicUrl, known);
    const giveBack = takeBody(credential, incoming);
    if (typeof giveBack !== 'function') return sendWire(outgoing, problemWire(giveBack, received.requestId));
    const body = await readJsonBody(incoming).finally(giveBack);
    if ('code' in body) return await unreadable(asking, exchange, body.code, body.detail);
    if (!body.ok) return await unreadable(asking, exchange, 'invalid_payload', `${body.reason} at ${body.path}`);
    exchange = new Exchange(incoming, outgoing, received.requestId, idOf(body.value));
    const message = readMessage(body.value, body.canonical);
    if (isFault(message)) return exchange.fault(message);
    if (message.kind === 'response') {
      hearAnswer(message, credential);
      return exchange.accepted();
    }
    const revision = revisionOf(message, incoming.headers);
    if (isFault(revision)) return exchange.fault(revision);
    if (message.kind === 'notification') {
      if (!revision.stateless && revision.session !== undefined) cancelRequest(credential, revision.session, message);
      return exchange.accepted();
    }
    await serveRequest(asking, exchange, message, revision);
  } catch (thrown) {
    answerFault(asking, exchange, thrown);
  }
}

async function serveRequest(
  asking: Asking,
  exchange: Exchange,
  message: RpcRequest,
  revision: McpRequest['revision'],
): Promise<void> {
  const { app, incoming, outgoing, credential } = asking;
  const session = revision.stateless ? undefined : revision.session;
  const taken = cancellable(credential, session, message.id);
  let signal: AbortSignal | undefined;
  const gone = (): AbortSignal => {
    signal ??=
      taken.signal === undefined ? whenGone(app, outgoing) : AbortSignal.any([whenGone(app, outgoing), taken.signal]);
    return signal;
  };
  const request = {
    ...asking,
    ...message,
    exchange,
    revision,
    search: searches(incoming),
    gone,
    ...(taken.signal && { cancelled: taken.signal }),
  };
  try {
    await serveMethod(request);
  } catch (thrown) {
    // A call that a fault stopped is refused like any other, in words that its agent reads.
    if (message.method !== 'tools/call' || !(thrown instanceof StoreUnavailable)) throw thrown;
    app.log.warn({ request_id: asking.received.requestId, err: thrown }, 'store unavailable');
    exchange.result(complete(revision.stateless, callResult(storeUnavailable())));
  } finally {
    taken.done();
  }
}

function storeUnavailable() {
  const { step, message: detail } = REFUSALS.store_unavailable;
  return { kind: 'deny', code: 'store_unavailable', step, detail } as const;
}

/** `?tools=search`, or the header for clients whose URL is not theirs to choose. */
function searches({ url = '', headers }: IncomingMessage): boolean {
  const at = url.indexOf('?');
  const asked = at === -1 ? null : new URLSearchParams(url.slice(at)).get('tools');
  return (asked ?? headers['countersign-tools']) === 'search';
}

async function readJsonBody(
  incoming: IncomingMessage,
): Promise<WireValue | { readonly code: RefusalCode; readonly detail?: string }> {
  if (!isJson(incoming)) return { code: 'unsupported_media_type' };
  const bytes = await readBytes(incoming);
  if (Buffer.isBuffer(bytes)) return readWire(bytes);
  return bytes.code === 'payload_too_large' ? { code: bytes.code } : { code: 'invalid_payload', detail: bytes.detail };
}

/** What cannot be read may have been a call: it is a refused one of whoever sent it, and a fault of the protocol. */
async function unreadable(asking: Asking, exchange: Exchange, code: RefusalCode, detail?: string): Promise<void> {
  const { app, outgoing, received, publicUrl } = asking;
  const call = newCall({ ...doorOf(asking), unreadable: { code, ...(detail !== undefined && { detail }) } });
  const answer = await app.gateway.dispatch(call);
  if (answer.kind !== 'deny') throw new Error('A call that cannot be read was made');
  if (answer.step === 'authenticate') return sendUnauthenticated(outgoing, received.requestId, publicUrl, answer);
  const { status } = REFUSALS[answer.code];
  exchange.rate(undefined, answer.retryAfterSeconds);
  const data = { code: answer.code, step: answer.step };
  exchange.fault(fault(status === 400 ? RPC.parseError : RPC.transport, answer.detail, status, data));
}

function answerFault({ app, received }: Asking, exchange: Exchange, thrown: unknown): void {
  const isStore = thrown instanceof StoreUnavailable;
  if (isStore) app.log.warn({ request_id: received.requestId, err: thrown }, 'store unavailable');
  else app.log.error({ request_id: received.requestId, err: thrown }, 'fault');
  const { code, detail } = isStore ? storeUnavailable() : problem('internal_error');
  exchange.fault(fault(RPC.internalError, detail, isStore ? 503 : 500, { code, request_id: received.requestId }));
}
