import { Hono } from 'hono';
import { problem } from '../kernel/codes.ts';
import { isId } from '../kernel/ids.ts';
import type { App } from './app.ts';
import { mountDashboard } from './dashboard.ts';
import { mountHealth } from './health.ts';
import { type Env, faultResponse, mount, newRequestId } from './mount.ts';
import { mountContracts } from './openapi.ts';
import { problemResponse } from './problems.ts';
import { mountGateway } from './rest/gateway.ts';
import { routes } from './routes.ts';
import { mountSignIn } from './sign-in.ts';

/** Every path the process serves. */
export function createApi(app: App): Hono<Env> {
  const hono = new Hono<Env>();
  hono.use(async (c, next) => {
    const given = c.env.incoming.headers['x-request-id'];
    c.set('requestId', isId('req', given) ? given : newRequestId());
    await next();
  });
  hono.onError((fault, c) => faultResponse(app, fault, c.get('requestId')));

  mountGateway(hono, app);
  mountHealth(hono, app);
  mountSignIn(hono, app);
  mount(hono, app, routes);
  mountContracts(hono);
  mountDashboard(hono, app);

  hono.notFound((c) => {
    const allowed = methodsOf(c.req.path);
    if (allowed.length === 0) return problemResponse(problem('not_found'), c.get('requestId'));
    return problemResponse(problem('method_not_allowed'), c.get('requestId'), {}, { allow: allowed.join(', ') });
  });
  return hono;
}

const patterns = [
  ...routes.map(({ method, path }) => ({ method: method.toUpperCase(), path })),
  { method: 'GET', path: '/api/agent/gateway' },
  { method: 'POST', path: '/api/agent/gateway' },
].map(({ method, path }) => ({ method, regexp: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));

function methodsOf(path: string): string[] {
  return [...new Set(patterns.filter(({ regexp }) => regexp.test(path)).map(({ method }) => method))];
}
