import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { AccessLine } from '../kernel/access-line.ts';
import type { Received } from './received.ts';

/** Logs one line when a request has been answered, or its caller has gone. */
export function logAccess(log: Logger, incoming: IncomingMessage, outgoing: ServerResponse, received: Received): void {
  if (!log.isLevelEnabled('info')) return;
  const began = performance.now();
  const { socket } = incoming;
  const sentBefore = socket.bytesWritten;
  outgoing.once('close', () => {
    const ms = Math.round((performance.now() - began) * 100) / 100;
    const { requestId, traceId, route } = received;
    const bytes = socket.bytesWritten - sentBefore;
    const { method = '' } = incoming;
    const finished = outgoing.writableFinished;
    log.info(new AccessLine(requestId, traceId, method, route, outgoing.statusCode, ms, bytes, finished), 'request');
  });
}
