import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Env, mount } from '../src/api/mount.ts';
import { newRequestId } from '../src/api/received.ts';
import { RESOURCES, type ResourceKind } from '../src/api/resources.ts';
import type { Route } from '../src/api/route.ts';
import { routes } from '../src/api/routes.ts';
import { may, type Permission } from '../src/identity/permissions.ts';
import { newId } from '../src/kernel/ids.ts';
import { engines } from './support/engines.ts';
import { type Gate, type Send, send } from './support/gate.ts';
import type { PersonName } from './support/people.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

const KINDS = Object.keys(RESOURCES) as ResourceKind[];
const ROLES: readonly (readonly [PersonName, Parameters<typeof may>[0]])[] = [
  ['owner', 'owner'],
  ['admin', 'admin'],
  ['member', 'member'],
  ['viewer', 'viewer'],
];

const nameOf = ({ method, path }: Route): string => `${method.toUpperCase()} ${path}`;
const ofWorkspace = routes.filter(({ person }) => person === undefined);

/** The gate's own routes behind its own middleware, with handlers that only count. */
type Fence = {
  readonly url: string;
  /** How many handlers have run. */
  runs(): number;
  close(): Promise<void>;
};

async function openFence({ running }: Gate): Promise<Fence> {
  let runs = 0;
  const counting = async (): Promise<object> => {
    runs += 1;
    return {};
  };
  const hono = new Hono<Env>();
  hono.use(async (c, next) => {
    c.set('requestId', newRequestId());
    await next();
  });
  const counted = routes.map((route): Route => {
    const handler = route.handle ? { handle: counting } : route.open ? { open: counting } : { person: counting };
    const { query: _query, body: _body, handle: _handle, open: _open, person: _person, ...rest } = route;
    return { ...rest, ...handler };
  });
  mount(hono, running.app, counted);
  const server: Server = createServer(getRequestListener(hono.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs: () => runs,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path with an id for each of its parameters. */
function pathOf(route: Route, idOf: (kind: ResourceKind, name: string) => string): string {
  return Object.entries(route.params ?? {}).reduce(
    (path, [name, kind]) => path.replace(`{${name}}`, idOf(kind, name)),
    route.path,
  );
}

test('a route without a permission of the table cannot be mounted', () => {
  const route = { method: 'get', path: '/v1/forgotten', response: { status: 200 }, handle: async () => ({}) };
  for (const permission of [undefined, '', 'nothing.read', 'constructor', 'toString', '__proto__']) {
    const declared = { ...route, permission } as unknown as Route;
    expect(() => mount(new Hono<Env>(), {} as never, [declared]), String(permission)).toThrow(/permission/);
  }
});

test('every id in a path is declared with what it names', () => {
  const undeclared = routes.filter(({ path, params }) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    return (
      inPath.sort().join() !==
      Object.keys(params ?? {})
        .sort()
        .join()
    );
  });
  expect(undeclared.map(nameOf)).toEqual([]);
});

describe.each(engines)('every route on %s', (engine) => {
  let bench: Workbench;
  let fence: Fence;
  let own: Record<ResourceKind, string>;
  let foreign: Record<ResourceKind, string>;
  let clientToken: string;
  const cookies = new Map<string, string>();

  /** A sender to the fence with a person's cookie. */
  const as = (email: string): Send => send(fence.url, { cookie: cookies.get(email)!, origin: fence.url });
  const member = (name: PersonName): Send => as(emailOf(bench.gate, name));
  const foreigner = (): Send => as(bench.gate.other.users[0]!.email);

  beforeAll(async () => {
    bench = await openWorkbench(engine);
    const { gate } = bench;
    fence = await openFence(gate);
    for (const { email, password } of [...gate.demo.users, ...gate.other.users]) {
      const reply = await gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
      const pairs = reply.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
      cookies.set(email, pairs.join('; '));
    }
    own = await resourcesOf(await gate.person('owner'), gate.client());
    const theirs = await gate.person('owner', 0, gate.other);
    foreign = await resourcesOf(theirs, gate.client(gate.other.clients[0]!.token));
    clientToken = gate.demo.clients[0]!.token;
  });
  afterAll(async () => {
    await fence?.close();
    await bench?.close();
  });

  /** Sends one request that must not reach a handler, and says what was wrong with the answer. */
  async function refused(
    route: Route,
    by: Send,
    path: string,
    [status, code]: readonly [number, string],
    headers?: Record<string, string>,
  ): Promise<string[]> {
    const before = fence.runs();
    const reply = await by(route.method.toUpperCase(), path, undefined, headers);
    const told = `${reply.status} ${reply.body?.code}`;
    const wrong: string[] = [];
    if (told !== `${status} ${code}`) wrong.push(`${nameOf(route)}: ${told}`);
    if (reply.headers.get('content-type') !== 'application/problem+json') wrong.push(`${nameOf(route)}: no problem`);
    if (reply.body?.request_id === undefined) wrong.push(`${nameOf(route)}: no request_id`);
    if (fence.runs() !== before) wrong.push(`${nameOf(route)}: the handler ran`);
    return wrong;
  }

  const ownPath = (route: Route): string => pathOf(route, (kind) => own[kind]);

  test('answers 401 without a credential, or with one that is none', async () => {
    const wrong: string[] = [];
    for (const route of routes) {
      const anyone = send(fence.url);
      for (const headers of [
        {},
        { authorization: 'Bearer nonsense' },
        { authorization: '' },
        { cookie: 'countersign.session_token=nonsense.nonsense' },
      ] as Record<string, string>[]) {
        const by: Send = (method, path) => anyone(method, path, undefined, headers);
        wrong.push(...(await refused(route, by, ownPath(route), [401, 'unauthenticated'])));
      }
    }
    expect(wrong).toEqual([]);
  });

  test("answers 404 for another workspace's id, an id of nothing, and an id of another kind", async () => {
    const wrong: string[] = [];
    for (const route of routes) {
      for (const [name, kind] of Object.entries(route.params ?? {})) {
        const otherKind = KINDS.find((one) => RESOURCES[one].prefix !== RESOURCES[kind].prefix)!;
        for (const id of [foreign[kind], newId(RESOURCES[kind].prefix), own[otherKind], "x'%20or%201=1", '%00']) {
          const path = pathOf(route, (of, parameter) => (parameter === name ? id : own[of]));
          wrong.push(...(await refused(route, member('owner'), path, [404, 'not_found'])));
          if (!route.clients) continue;
          const client = send(fence.url, { authorization: `Bearer ${clientToken}` });
          wrong.push(...(await refused(route, client, path, [404, 'not_found'])));
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('answers 403 cross_tenant to a person in a workspace they are no member of', async () => {
    const { demo, other } = bench.gate;
    const wrong: string[] = [];
    for (const route of ofWorkspace) {
      for (const [by, workspace] of [
        [foreigner(), demo.slug],
        [foreigner(), demo.id],
        [member('owner'), other.slug],
        [member('owner'), other.id],
        [member('owner'), 'nowhere'],
      ] as const) {
        const headers = { 'countersign-workspace': workspace };
        wrong.push(...(await refused(route, by, ownPath(route), [403, 'cross_tenant'], headers)));
      }
    }
    expect(wrong).toEqual([]);
  });

  test('is open to exactly the roles that the table gives its permission', async () => {
    const wrong: string[] = [];
    for (const route of ofWorkspace) {
      for (const [name, role] of ROLES) {
        if (!may(role, route.permission as Permission)) {
          wrong.push(...(await refused(route, member(name), ownPath(route), [403, 'forbidden'])));
          continue;
        }
        const before = fence.runs();
        const { status } = await member(name)(route.method.toUpperCase(), ownPath(route));
        if (status >= 300 || fence.runs() !== before + 1) wrong.push(`${nameOf(route)}: ${status} for ${role}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("takes a client's token only where it says so", async () => {
    const client = send(fence.url, { authorization: `Bearer ${clientToken}` });
    const wrong: string[] = [];
    for (const route of routes) {
      if (!route.clients) {
        wrong.push(...(await refused(route, client, ownPath(route), [403, 'forbidden'])));
        continue;
      }
      const before = fence.runs();
      const { status } = await client(route.method.toUpperCase(), ownPath(route));
      if (status >= 300 || fence.runs() !== before + 1) wrong.push(`${nameOf(route)}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  test('takes changes only from its own pages', async () => {
    const wrong: string[] = [];
    for (const route of routes.filter(({ method }) => method !== 'get')) {
      for (const headers of [
        { origin: 'https://elsewhere.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ] as Record<string, string>[]) {
        wrong.push(...(await refused(route, member('owner'), ownPath(route), [403, 'bad_origin'], headers)));
      }
    }
    expect(wrong).toEqual([]);
  });

  test('is described in OpenAPI', async () => {
    const { paths } = made(await bench.gate.anyone('GET', '/openapi.json'));
    expect(routes.filter(({ method, path }) => paths[path]?.[method] === undefined).map(nameOf)).toEqual([]);
    for (const method of ['get', 'post']) expect(paths['/api/agent/gateway'][method]).toBeDefined();
    const ways = ['link', 'invitation/accept', 'invitation/join', 'setup', 'password', 'change-password', 'sign-out'];
    for (const way of ways) expect([way, paths[`/api/auth/${way}`]?.post]).toEqual([way, expect.any(Object)]);
    for (const [path, methods] of Object.entries(paths).filter(([one]) => one.startsWith('/api/auth/'))) {
      expect(Object.keys(methods as object).map((one) => one.toUpperCase())).toEqual([
        bench.gate.running.app.signIn.methodOf(path),
      ]);
    }
  });
});

function emailOf({ demo }: Gate, name: PersonName): string {
  const [role, nth] = name === 'second_admin' ? ['admin', 1] : [name, 0];
  return demo.users.filter((user) => user.role === role)[nth as number]!.email;
}

/** One of each kind of thing that an id can name, in the workspace of this owner and this client. */
async function resourcesOf(owner: Send, client: Send): Promise<Record<ResourceKind, string>> {
  const first = async (path: string): Promise<string> => made(await owner('GET', path)).items[0].id;
  const clientId = await first('/v1/clients');
  const mail = { to: ['a@example.com'], subject: 'A', body: 'B' };
  const held = made(await client('POST', '/api/agent/gateway', { tool: 'email.send', arguments: mail }));
  const flip = { scope: 'tool', id: await first('/v1/tools'), reason: 'One of each' };
  const invitation = made(await owner('POST', '/v1/members', { email: 'invited@example.com', role: 'viewer' }));
  const killSwitch = made(await owner('POST', '/v1/kill-switches', flip));
  const kept = { name: 'ONE_OF_EACH', value: 'one of each', hosts: ['a.example'] };
  const secret = made(await owner('POST', '/v1/secrets', kept));
  const hook = { url: 'https://hooks.example.com/', events: ['*'] };
  const webhook = made(await owner('POST', '/v1/webhooks', hook));
  return {
    draft: await draftOf(owner, client),
    webhook: webhook.id,
    delivery: made(await owner('POST', `/v1/webhooks/${webhook.id}/ping`)).id,
    client: clientId,
    token: await first(`/v1/clients/${clientId}/tokens`),
    connector: await first('/v1/connectors'),
    tool: await first('/v1/tools'),
    grant: await first(`/v1/clients/${clientId}/grants`),
    approval: held.approval_id,
    execution: held.execution_id,
    kill_switch: killSwitch.id,
    member: await first('/v1/members'),
    invitation: invitation.id,
    secret: secret.id,
  };
}

/** What a client that may only draft has asked for. */
async function draftOf(owner: Send, client: Send): Promise<string> {
  const { id } = made(await owner('POST', '/v1/clients', { name: 'drafts', draft_only: true }));
  made(await owner('POST', `/v1/clients/${id}/grants`, { tool: 'email.send' }));
  const { token } = made(await owner('POST', `/v1/clients/${id}/tokens`, { name: 'drafts' }));
  const mail = { to: ['a@example.com'], subject: 'A', body: 'B' };
  const asked = { tool: 'email.send', arguments: mail };
  const headers = { authorization: `Bearer ${token}` };
  return made(await client('POST', '/api/agent/gateway', asked, headers)).draft_id;
}
