import type { Hono } from 'hono';
import { isRefused } from '../kernel/codes.ts';
import type { App } from './app.ts';
import { type Env, requestInfo } from './mount.ts';
import { problemResponse } from './problems.ts';

/** `/api/auth/*`: sign-in and sign-out, served by `identity/`. */
export function mountSignIn(hono: Hono<Env>, app: App): void {
  hono.all('/api/auth/*', async (c) => {
    const { requestId, ip, url } = requestInfo(app, c);
    const answer = await app.signIn.handle(c.req.raw, ip, url);
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
