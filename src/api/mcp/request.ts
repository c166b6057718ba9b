import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Token } from '../../gateway/call.ts';
import type { IdentifiedClient } from '../../gateway/gateway.ts';
import { deny, isRefused, REFUSALS, type Refusal } from '../../kernel/codes.ts';
import type { App } from '../app.ts';
import { problemWire } from '../problems.ts';
import type { Received } from '../received.ts';
import { sendWire } from '../wire.ts';
import type { View } from './catalogue.ts';
import type { Exchange } from './exchange.ts';
import { fault, RPC, type RpcRequest } from './message.ts';
import type { Revision } from './revision.ts';

/** One request of a known client, with everything that its method needs. */
export type McpRequest = RpcRequest & {
  readonly app: App;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly received: Received;
  readonly exchange: Exchange;
  readonly credential: Token;
  readonly ip: string;
  readonly revision: Revision;
  readonly view: View;
  /** Whether the client asked for the means to search a long list. */
  readonly search: boolean;
  /** Where people reach this gate: its public URL, or the host that was asked. */
  readonly publicUrl: string;
  /** Aborted when the client hangs up or takes the request back, or when the process begins to stop. */
  readonly gone: () => AbortSignal;
  /** Aborted when the client takes the request back in so many words: then also a call that runs is cancelled upstream. */
  readonly cancelled?: AbortSignal;
};

/**
 * Who asks, read now and metered. Undefined where that was refused, which has been answered. Calls need no such reading:
 * what they rest on is checked when they are recorded.
 */
export async function clientOf(request: McpRequest): Promise<IdentifiedClient | undefined> {
  const { app, incoming, ip } = request;
  const client = await app.gateway.identify(incoming.headers.authorization ?? null, ip);
  if (!isRefused(client)) return client;
  answerRefusal(request, client);
  return undefined;
}

/** Answers a refusal outside a call: by HTTP where it is about the token, so that the client asks for another one. */
export function answerRefusal({ exchange, outgoing, received, publicUrl }: McpRequest, refusal: Refusal): void {
  if (refusal.step === 'authenticate') {
    exchange.otherwise(() => sendUnauthenticated(outgoing, received.requestId, publicUrl, refusal));
    return;
  }
  const { code, step, detail, retryAfterSeconds, remedy } = refusal;
  exchange.rate(undefined, retryAfterSeconds);
  exchange.fault(fault(RPC.transport, detail, REFUSALS[code].status, { code, step, ...(remedy && { remedy }) }));
}

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** 401, and where to read what this resource wants (RFC 9728, 5.1). */
export function sendUnauthenticated(
  outgoing: ServerResponse,
  requestId: string,
  publicUrl: string,
  refusal: Refusal,
): void {
  const shown = refusal.code === 'token_revoked' ? deny('unauthenticated') : refusal;
  const { headers, ...wire } = problemWire(shown, requestId);
  const challenge = headers['www-authenticate'];
  const told = challenge && {
    'www-authenticate': `${challenge}, resource_metadata="${publicUrl}${METADATA_PATH}/mcp"`,
  };
  sendWire(outgoing, { ...wire, headers: { ...headers, ...told } });
}
