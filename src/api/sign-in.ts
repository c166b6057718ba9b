import type { Hono } from 'hono';
import { clientNetwork } from '../identity/client-network.ts';
import { isRefused, problem } from '../kernel/codes.ts';
import type { App } from './app.ts';
import { type Env, requestInfo } from './mount.ts';
import { problemResponse } from './problems.ts';
import { receivedOf } from './received.ts';
import { StrangersBudget } from './strangers.ts';

const STRANGERS_MAX_BYTES = 8 * 1024 * 1024;
const STRANGERS_MAX_BYTES_PER_NETWORK = 1024 * 1024;
/** What is set aside for a body whose length is not said. No more of one is read. */
const BODY_MAX_BYTES = 64 * 1024;

/** `/api/auth/*`: sign-in and sign-out, served by `identity/`. */
export function mountSignIn(hono: Hono<Env>, app: App): void {
  const strangers = new StrangersBudget(STRANGERS_MAX_BYTES, STRANGERS_MAX_BYTES_PER_NETWORK);
  hono.all('/api/auth/*', async (c) => {
    const { requestId, ip, url } = requestInfo(app, c);
    if (app.signIn.methodOf(c.req.path) !== undefined) receivedOf(c.env.incoming).route = c.req.path;
    const said = c.req.method === 'GET' ? '0' : c.req.header('content-length');
    const giveBack = strangers.take(
      clientNetwork(ip),
      said === undefined ? BODY_MAX_BYTES : Math.min(Number(said), BODY_MAX_BYTES),
    );
    if (giveBack === undefined) {
      return problemResponse({ ...problem('too_many_requests'), retryAfterSeconds: 1 }, requestId);
    }
    const answer = await app.signIn.handle(c.req.raw, ip, url).finally(giveBack);
    if (isRefused(answer)) {
      const allow = app.signIn.methodOf(c.req.path);
      const headers: Record<string, string> = answer.code === 'method_not_allowed' && allow ? { allow } : {};
      return problemResponse(answer, requestId, {}, headers);
    }
    answer.headers.set('x-request-id', requestId);
    answer.headers.set('cache-control', 'no-store');
    return answer;
  });
}
