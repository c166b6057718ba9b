import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { originOf } from '../identity/client-address.ts';
import { PERMISSIONS } from '../identity/permissions.ts';
import { chooseWorkspace, membershipsOf, type Person, reachable } from '../identity/person.ts';
import { isSameOrigin } from '../identity/same-origin.ts';
import type { Actor } from '../kernel/actor.ts';
import { deny, isRefused, type Problem, problem, type Refusal } from '../kernel/codes.ts';
import { uuidToId } from '../kernel/ids.ts';
import { holdsNul } from '../kernel/text.ts';
import { StoreUnavailable } from '../store/fault.ts';
import type { TenantTx } from '../store/store.ts';
import type { App } from './app.ts';
import { readBody, readUpload, validate } from './body.ts';
import { problemResponse, problemWire } from './problems.ts';
import { receivedOf } from './received.ts';
import { noteOutsider, noteRefusal } from './refused.ts';
import { isOfWorkspace } from './resources.ts';
import type { Caller, Reply, RequestInfo, Route, RouteContext } from './route.ts';
import { personTransactOf, refuseRole, transactionsOf } from './standing.ts';
import type { Wire } from './wire.ts';

export type Env = { Bindings: HttpBindings; Variables: { requestId: string } };

type Answer = Reply | Refusal | Problem | Response;

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
      receivedOf(c.env.incoming).route = route.path;
      const request = requestInfo(app, c);
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
    app.log.warn({ request_id: requestId, err: fault }, 'store unavailable');
    return problemWire(deny('store_unavailable'), requestId);
  }
  app.log.error({ request_id: requestId, err: fault }, 'fault');
  return problemWire(problem('internal_error'), requestId);
}

export function requestInfo(app: App, c: Context<Env>): RequestInfo {
  const { traceId } = receivedOf(c.env.incoming);
  const { ip, https } = originOf(c.env.incoming, app.settings.COUNTERSIGN_TRUSTED_PROXIES);
  const url = new URL(c.req.url);
  if (https) url.protocol = 'https:';
  return {
    requestId: c.get('requestId'),
    ...(traceId !== undefined && { traceId }),
    headers: c.req.raw.headers,
    url,
    ip,
    signal: c.req.raw.signal,
  };
}

async function serve(app: App, route: Route, c: Context<Env>, request: RequestInfo): Promise<Answer> {
  const bearer = request.headers.get('authorization');
  if (bearer !== null) {
    const client = await app.gateway.identify(bearer, request.ip);
    if (isRefused(client)) return client;
    const { tenantId, clientId, tokenId } = client;
    const actor = { kind: 'client', id: clientId, ...tracesOf(request) } as const;
    if (!route.clients) {
      const refused = problem('forbidden', "An integration client's token cannot be used here.");
      await noteRefusal(app, route, { tenantId, actor, params: c.req.param() as Record<string, string> }, refused);
      return refused;
    }
    return inWorkspace(app, route, c, request, tenantId, { kind: 'client', clientId, tokenId, actor });
  }
  const person = await app.signIn.person(request.headers);
  if (person === null) return deny('unauthenticated', 'Sign in first.');
  const hasEffect = route.method !== 'get' || route.audited;
  if (hasEffect && !isSameOrigin(request.headers, request.url, app.settings.COUNTERSIGN_PUBLIC_URL))
    return problem('bad_origin');
  const all = await membershipsOf(app.store, person.userId);
  const memberships = reachable(person, all);
  if (person.mustChangePassword && memberships.length === 0) return deny('password_change_required');
  if (route.person) return forPerson(app, route, c, request, person);
  const named = request.headers.get('countersign-workspace') ?? undefined;
  const workspace = chooseWorkspace(memberships, named);
  const actor = memberActor(person, request);
  if (workspace === undefined) {
    if (chooseWorkspace(all, named)) return deny('password_change_required');
    await noteOutsider(app, route, request, actor, memberships[0]?.tenantId);
    return deny('cross_tenant');
  }
  const refused = refuseRole(workspace.role, route.permission as keyof typeof PERMISSIONS);
  if (refused) {
    const { tenantId } = workspace;
    await noteRefusal(app, route, { tenantId, actor, params: c.req.param() as Record<string, string> }, refused);
    return refused;
  }
  return inWorkspace(app, route, c, request, workspace.tenantId, memberCaller(person, workspace.role, request));
}

async function forPerson(
  app: App,
  route: Route,
  c: Context<Env>,
  request: RequestInfo,
  known: Person,
): Promise<Answer> {
  const input = await readInput(route, c, request);
  if ('kind' in input) return input;
  // Asked again behind the body, which takes as long as its sender likes.
  const person = route.body === undefined ? known : await app.signIn.person(request.headers);
  if (person === null) return deny('unauthenticated', 'Sign in first.');
  const memberships = reachable(person, await membershipsOf(app.store, person.userId));
  const transact = personTransactOf(app, person);
  return route.person!({ app, person, memberships, request, transact, ...input } as never);
}

function memberCaller(person: Person, role: Extract<Caller, { kind: 'member' }>['role'], request: RequestInfo): Caller {
  const { userId, sessionId } = person;
  return { kind: 'member', userId, sessionId, role, actor: memberActor(person, request) };
}

/** What an audit entry keeps of where a request came from and which one it was. */
function tracesOf({ ip, requestId, traceId }: RequestInfo): Pick<Actor, 'ip' | 'requestId' | 'traceId'> {
  return { ip, requestId, ...(traceId !== undefined && { traceId }) };
}

export function memberActor(person: Person, request: RequestInfo): Actor {
  return { kind: 'member', id: person.userId, session: person.sessionId, ...tracesOf(request) };
}

/** What a route answers, and the entry of a refusal: behind the transaction that the refusal rolled back. */
async function inWorkspace(
  app: App,
  route: Route,
  c: Context<Env>,
  request: RequestInfo,
  tenantId: string,
  caller: Caller,
): Promise<Answer> {
  const answer = await answerOf(app, route, c, request, tenantId, caller);
  if (!(answer instanceof Response) && isRefused(answer)) {
    const params = c.req.param() as Record<string, string>;
    await noteRefusal(app, route, { tenantId, actor: caller.actor, params }, answer);
  }
  return answer;
}

async function answerOf(
  app: App,
  route: Route,
  c: Context<Env>,
  request: RequestInfo,
  tenantId: string,
  caller: Caller,
): Promise<Answer> {
  const params = c.req.param() as Record<string, string>;
  const { look, transact } = transactionsOf(app, tenantId, caller, route);
  const hasIds = Object.keys(route.params ?? {}).length > 0;
  const foreign = (tx: TenantTx) => foreignId(tx, route, params);
  const isRead = route.method === 'get' && route.body === undefined;

  if (route.settled) await app.sequencer.settle();
  // A read looks its ids up where it reads, and asks about its caller only there.
  if (hasIds && !(isRead && route.handle)) {
    const refused = await app.store.withTenant(tenantId, foreign);
    if (refused) return refused;
  }
  const input = await readInput(route, c, request);
  if ('kind' in input) return input;
  const context: AnyContext = { app, tenantId, caller, params, request, ifVersion: ifVersion(request), ...input };
  if (route.open) {
    const present = await look(async (_tx, now) => ({ caller: now }));
    if (isRefused(present)) return present;
    return route.open({ ...context, ...present, look, transact } as never);
  }
  return transact<Reply>(async (tx, now) => {
    const refused = hasIds && isRead ? await foreign(tx) : undefined;
    return refused ?? route.handle!({ ...context, caller: now, tx } as never);
  });
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
): Promise<{ query: unknown; body: unknown; file?: Uint8Array } | Problem> {
  const { searchParams } = request.url;
  const asked = Object.fromEntries(searchParams);
  if (Object.keys(asked).length < searchParams.size) {
    return problem('invalid_request', 'Write each name in the query once.');
  }
  if (holdsNul(asked)) return problem('invalid_request', 'Leave the character U+0000 out of the query.');
  const query = validate(route.query ?? z.strictObject({}), asked);
  if ('kind' in query) return query;
  if (route.body === undefined) return { query: query.value, body: {} };
  const body =
    route.upload === undefined
      ? await readBody(c.env.incoming, route.body)
      : await readUpload(c.env.incoming, route.body, route.upload.maxBytes);
  if ('kind' in body) return body;
  const { file } = body as { file?: Uint8Array };
  return { query: query.value, body: body.value, ...(file !== undefined && { file }) };
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

/** The workspace's id as the API writes it. */
export function workspaceId(tenantId: string): string {
  return uuidToId('org', tenantId);
}
