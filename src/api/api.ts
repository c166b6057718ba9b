import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { routePath } from 'hono/route';
import { problem } from '../kernel/codes.ts';
import { logAccess } from './access-log.ts';
import type { App } from './app.ts';
import { compressed } from './compression.ts';
import { mountDashboard } from './dashboard.ts';
import { mountHealth } from './health.ts';
import { hostGuard } from './host.ts';
import { MCP_PATH, mcpView, serveMcp } from './mcp/door.ts';
import { mountMcpMetadata } from './mcp/metadata.ts';
import { type Env, faultWire, mount } from './mount.ts';
import { mountContracts } from './openapi.ts';
import { problemResponse, problemWire } from './problems.ts';
import { receive, receivedOf } from './received.ts';
import { GATEWAY_PATH, mountGateway, serveDispatch } from './rest/gateway.ts';
import { routes } from './routes.ts';
import { mountSignIn } from './sign-in.ts';
import { dropBody } from './unread-body.ts';
import { NO_SNIFFING, sendWire, toResponse } from './wire.ts';

/** Serves every path. Governed calls are served straight from the socket; all else goes through the router. */
export function createListener(app: App): RequestListener {
  const listener = getRequestListener(createApi(app).fetch);
  const refuseHost = hostGuard(app.settings);
  return (incoming, outgoing) => {
    const received = receive(incoming);
    logAccess(app.log, incoming, outgoing, received);
    const refused = refuseHost(incoming);
    if (refused !== undefined) {
      sendWire(outgoing, problemWire(refused, received.requestId));
      dropBody(incoming);
    } else if (incoming.method === 'POST' && incoming.url?.split('?', 1)[0] === GATEWAY_PATH) {
      received.route = GATEWAY_PATH;
      void serveDispatch(app, incoming, outgoing, received);
    } else {
      const view = mcpView(incoming.url);
      if (view === undefined) void listener(incoming, outgoing);
      else {
        received.route = MCP_PATH;
        void serveMcp(app, incoming, outgoing, received, view);
      }
    }
  };
}

function createApi(app: App): Hono<Env> {
  const hono = new Hono<Env>();
  hono.use(async (c, next) => {
    const received = receivedOf(c.env.incoming);
    c.set('requestId', received.requestId);
    c.env.outgoing.setHeader(...NO_SNIFFING);
    await next();
    const answer = await compressed(c.res, c.req.header('accept-encoding'));
    if (answer !== c.res) c.res = answer;
    if (received.route === '') received.route = routePath(c, -1);
  });
  hono.onError((fault, c) => toResponse(faultWire(app, fault, c.get('requestId'))));

  mountGateway(hono, app);
  mountMcpMetadata(hono, app);
  mountHealth(hono, app);
  mountSignIn(hono, app);
  mount(hono, app, routes);
  mountContracts(hono, app);
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
