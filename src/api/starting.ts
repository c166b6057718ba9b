import type { IncomingMessage, ServerResponse } from 'node:http';
import { deny } from '../kernel/codes.ts';
import { newRequestId } from './received.ts';
import { problemWire } from './problems.ts';
import { sendWire, type Wire } from './wire.ts';

/**
 * Answers while the process holds its port and does not serve yet: it runs (`/healthz`), and whatever else is asked is
 * refused with 503, so that a load balancer and an agent come back in a moment.
 */
export function answerStarting(incoming: IncomingMessage, outgoing: ServerResponse): void {
  sendWire(outgoing, wireFor(incoming.url?.split('?', 1)[0]));
}

function wireFor(path: string | undefined): Wire {
  const headers = { 'cache-control': 'no-store', connection: 'close' };
  const status = (code: number, body: object): Wire => ({
    status: code,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (path === '/healthz') return status(200, { status: 'ok' });
  if (path === '/readyz') return status(503, { status: 'starting' });
  const refused = { ...deny('store_unavailable', 'Countersign is starting. Retry in a moment.'), retryAfterSeconds: 1 };
  return problemWire(refused, newRequestId(), {}, headers);
}
