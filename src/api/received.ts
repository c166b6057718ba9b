import type { IncomingMessage } from 'node:http';
import { isId, newId } from '../kernel/ids.ts';

/** What is known of a request before anybody has looked at what it asks for. */
export type Received = {
  readonly requestId: string;
  /** The trace that the caller says it is part of. */
  readonly traceId: string | undefined;
  /** The pattern of the path that answers it: never the path itself, which may hold anything. */
  route: string;
};

const requests = new WeakMap<IncomingMessage, Received>();

/** Gives a request its id: the caller's own where it is one of ours, else a new one. */
export function receive(incoming: IncomingMessage): Received {
  const given = incoming.headers['x-request-id'];
  const received = {
    requestId: isId('req', given) ? given : newRequestId(),
    traceId: traceIdOf(incoming.headers.traceparent),
    route: '',
  };
  requests.set(incoming, received);
  return received;
}

/** The same for a request that has been received. */
export function receivedOf(incoming: IncomingMessage): Received {
  return requests.get(incoming) ?? receive(incoming);
}

export function newRequestId(): string {
  return newId('req');
}

const NO_TRACE = /^0+$/;

/** The trace id of a `traceparent` header, version 00 or later (W3C Trace Context 1, 3.2); undefined for anything else. */
export function traceIdOf(traceparent: unknown): string | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId, parentId, rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(traceparent) ?? [];
  if (traceId === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  return NO_TRACE.test(traceId) || NO_TRACE.test(parentId!) ? undefined : traceId;
}
