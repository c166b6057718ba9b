import type { IncomingMessage, RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { problem } from '../kernel/codes.ts';
import { isId } from '../kernel/ids.ts';
import type { App } from './app.ts';
import { mountDashboard } from './dashboard.ts';
import { mountHealth } from './health.ts';
import { type Env, faultWire, mount, newRequestId } from './mount.ts';
import { mountContracts } from './openapi.ts';
import { problemResponse } from './problems.ts';
import { GATEWAY_PATH, mountGateway, serveDispatch } from './rest/gateway.ts';
import { routes } from './routes.ts';
import { mountSignIn } from './sign-in.ts';
import { toResponse } from './wire.ts';

/** Serves every path. The governed call is served straight from the socket; all else goes through the router. */
export function createListener(app: App): RequestListener {
  const listener = getRequestListener(createApi(app).fetch);
  return (incoming, outgoing) => {
    if (incoming.method === 'POST' && incoming.url?.split('?', 1)[0] === GATEWAY_PATH) {
      void serveDispatch(app, incoming, outgoing, requestIdOf(incoming));
    } else void listener(incoming, outgoing);
  };
}

/** The caller's own request id where it is one of ours, else a new one. */
function requestIdOf(incoming: IncomingMessage): string {
  const given = incoming.headers['x-request-id'];
  return isId('req', given) ? given : newRequestId();
}

function createApi(app: App): Hono<Env> {
  const hono = new Hono<Env>();
  hono.use(async (c, next) => {
    c.set('requestId', requestIdOf(c.env.incoming));
    await next();
  });
  hono.onError((fault, c) => toResponse(faultWire(app, fault, c.get('requestId'))));

  mountGateway(hono, app);
  mountHealth(hono, app);
  mountSignIn(hono, app);
  mount(hono, app, routes);
  mountContracts(hono);
  mountDashboard(hono, app);

  const paths = pathsOf(hono);
  hono.notFound((c) => {
    const allowed = new Set(paths.filter(({ regexp }) => regexp.test(c.req.path)).map(({ method }) => method));
    if (allowed.size === 0) return problemResponse(problem('not_found'), c.get('requestId'));
    const allow = [...allowed].join(', ');
    return problemResponse(problem('method_not_allowed'), c.get('requestId'), {}, { allow });
  });
  return hono;
}

/** What is mounted, to tell a wrong method from a wrong path. Paths with a wildcard answer for themselves. */
function pathsOf(hono: Hono<Env>): { method: string; regexp: RegExp }[] {
  const mounted = hono.routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*'));
  return [...mounted, { method: 'POST', path: GATEWAY_PATH }].map(({ method, path }) => ({
    method,
    regexp: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+').replaceAll('.', '\\.')}$`),
  }));
}
