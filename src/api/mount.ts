import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { may, PERMISSIONS } from '../identity/permissions.ts';
import { chooseWorkspace, membershipsOf, type Person } from '../identity/person.ts';
import { isSameOrigin } from '../identity/same-origin.ts';
import { deny, isRefused, type Problem, problem, type Refusal } from '../kernel/codes.ts';
import { newId, uuidToId } from '../kernel/ids.ts';
import { holdsNul } from '../kernel/text.ts';
import { StoreUnavailable } from '../store/fault.ts';
import type { TenantTx } from '../store/store.ts';
import type { App } from './app.ts';
import { readBody, validate } from './body.ts';
import { problemResponse, problemWire } from './problems.ts';
import { isOfWorkspace } from './resources.ts';
import type { Caller, Reply, RequestInfo, Route, RouteContext } from './route.ts';
import type { Wire } from './wire.ts';

export type Env = { Bindings: HttpBindings; Variables: { requestId: string } };

type Answer = Reply | Refusal | Problem | Response;
/** Beside its governed calls, which have a limit of their own, a client may ask this often. */
const CLIENT_READS_PER_MINUTE = 600;

type AnyContext = RouteContext<unknown, unknown>;

/**
 * The gateway in front of every route: who asks, in which workspace, may that role, is every id in the path of
 * that workspace. Only then is the body read and the route run. Throws at start for a route that declares no
 * known permission.
 */
export function mount(hono: Hono<Env>, app: App, routes: readonly Route[]): void {
  for (const route of routes) {
    if (route.permission !== 'signed-in' && !Object.hasOwn(PERMISSIONS, route.permission)) {
      throw new Error(`${route.method.toUpperCase()} ${route.path} declares no permission, so it cannot be served`);
    }
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    hono.on(route.method.toUpperCase(), path, async (c) => {
      const request = requestInfo(c);
      const answer = await serve(app, route, c, request);
      if (answer instanceof Response) return answer;
      if (isRefused(answer)) return problemResponse(answer, request.requestId);
      return replyResponse(answer, route, request.requestId);
    });
  }
}

/** What a fault answers: the store's absence is told, everything else is not. */
export function faultWire(app: App, fault: unknown, requestId: string): Wire {
  if (fault instanceof StoreUnavailable) {
    app.log.warn({ requestId, err: fault }, 'store unavailable');
    return problemWire(deny('store_unavailable'), requestId);
  }
  app.log.error({ requestId, err: fault }, 'fault');
  return problemWire(problem('internal_error'), requestId);
}

export function requestInfo(c: Context<Env>): RequestInfo {
  return {
    requestId: c.get('requestId'),
    headers: c.req.raw.headers,
    url: new URL(c.req.url),
    ip: c.env.incoming.socket.remoteAddress ?? '',
    signal: c.req.raw.signal,
  };
}

async function serve(app: App, route: Route, c: Context<Env>, request: RequestInfo): Promise<Answer> {
  const bearer = request.headers.get('authorization');
  if (bearer !== null) {
    const client = await app.gateway.identify(bearer);
    if (isRefused(client)) return client;
    if (!route.clients) return problem('forbidden', "An integration client's token cannot be used here.");
    const { allowed, retryAfterSeconds } = await app.limiter.take(`api:${client.clientId}`, CLIENT_READS_PER_MINUTE);
    if (!allowed) return { ...problem('too_many_requests'), retryAfterSeconds };
    const actor = { kind: 'client', id: client.clientId, ip: request.ip } as const;
    return inWorkspace(app, route, c, request, client.tenantId, { kind: 'client', clientId: client.clientId, actor });
  }
  const person = await app.signIn.person(request.headers);
  if (person === null) return deny('unauthenticated', 'Sign in first.');
  if (route.method !== 'get' && !isSameOrigin(request.headers, request.url, app.settings.COUNTERSIGN_PUBLIC_URL))
    return problem('bad_origin');
  const memberships = await membershipsOf(app.store, person.userId);
  if (route.person) {
    const input = await readInput(route, c, request);
    if ('kind' in input) return input;
    return route.person({ app, person, memberships, request, ...input } as never);
  }
  const workspace = chooseWorkspace(memberships, request.headers.get('countersign-workspace') ?? undefined);
  if (workspace === undefined) return deny('cross_tenant');
  if (!may(workspace.role, route.permission as keyof typeof PERMISSIONS)) {
    return problem(
      'forbidden',
      `This needs the permission ${route.permission}, which the role ${workspace.role} does not have.`,
    );
  }
  return inWorkspace(app, route, c, request, workspace.tenantId, memberCaller(person, workspace.role, request));
}

function memberCaller(person: Person, role: Extract<Caller, { kind: 'member' }>['role'], request: RequestInfo): Caller {
  const actor = { kind: 'member', id: person.userId, session: person.sessionId, ip: request.ip } as const;
  return { kind: 'member', userId: person.userId, role, actor };
}

async function inWorkspace(
  app: App,
  route: Route,
  c: Context<Env>,
  request: RequestInfo,
  tenantId: string,
  caller: Caller,
): Promise<Answer> {
  const params = c.req.param() as Record<string, string>;
  const foreign = (tx: TenantTx) => foreignId(tx, route, params);
  const given = { app, tenantId, caller, params, request, ifVersion: ifVersion(request) };

  if (route.settled) await app.sequencer.settle();
  if (Object.keys(route.params ?? {}).length > 0) {
    const refused = await app.store.withTenant(tenantId, foreign);
    if (refused) return refused;
  }
  const input = await readInput(route, c, request);
  if ('kind' in input) return input;
  const context: AnyContext = { ...given, ...input };
  if (route.open) return route.open(context as never);
  return app.transact<Reply>(tenantId, (tx) => route.handle!({ ...context, tx } as never));
}

/** 404 for the first id in the path that is not of this workspace. */
async function foreignId(tx: TenantTx, route: Route, params: Record<string, string>): Promise<Problem | undefined> {
  for (const [name, kind] of Object.entries(route.params ?? {})) {
    if (!(await isOfWorkspace(tx, kind, params[name] ?? ''))) return problem('not_found');
  }
  return undefined;
}

async function readInput(
  route: Route,
  c: Context<Env>,
  request: RequestInfo,
): Promise<{ query: unknown; body: unknown } | Problem> {
  const { searchParams } = request.url;
  const asked = Object.fromEntries(searchParams);
  if (Object.keys(asked).length < searchParams.size) {
    return problem('invalid_request', 'Write each name in the query once.');
  }
  if (holdsNul(asked)) return problem('invalid_request', 'Leave the character U+0000 out of the query.');
  const query = validate(route.query ?? z.strictObject({}), asked);
  if ('kind' in query) return query;
  if (route.body === undefined) return { query: query.value, body: {} };
  const body = await readBody(c.env.incoming, route.body);
  return 'kind' in body ? body : { query: query.value, body: body.value };
}

/** Rows count their versions from 1. */
const NO_VERSION = 0;

function ifVersion(request: RequestInfo): number | undefined {
  const given = request.headers.get('if-match');
  if (given === null || given === '*') return undefined;
  // A version that is none matches no row, so the edit is refused like any other that came too late.
  return Number(/^"(\d{1,9})"$/.exec(given)?.[1] ?? NO_VERSION);
}

function replyResponse(reply: Reply, route: Route, requestId: string): Response {
  const status = reply.status ?? route.response.status;
  const headers: Record<string, string> = {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    ...(reply.etag !== undefined && { etag: `"${reply.etag}"` }),
    ...reply.headers,
  };
  const json = reply.json ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
  if (json === undefined) return new Response(null, { status, headers });
  return new Response(json, {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function newRequestId(): string {
  return newId('req');
}

/** The workspace's id as the API writes it. */
export function workspaceId(tenantId: string): string {
  return uuidToId('org', tenantId);
}
