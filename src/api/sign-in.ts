import type { Hono } from 'hono';
import type { App } from './app.ts';
import { type Env, isSameOrigin, requestInfo } from './mount.ts';
import { problem } from '../kernel/codes.ts';
import { problemResponse } from './problems.ts';

/** `/api/auth/*`: sign-in and sign-out, served by `identity/`. */
export function mountSignIn(hono: Hono<Env>, app: App): void {
  hono.on(['GET', 'POST'], '/api/auth/*', async (c) => {
    const request = requestInfo(c);
    if (c.req.method !== 'GET' && !isSameOrigin(app, request)) return problemResponse(problem('bad_origin'), request.requestId);
    const response = await app.signIn.handle(c.req.raw, request.ip);
    response.headers.set('x-request-id', request.requestId);
    response.headers.set('cache-control', 'no-store');
    return response;
  });
}
