import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResourceKind } from '../../src/api/resources.ts';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import { may, type Permission } from '../../src/identity/permissions.ts';
import { idToUuid } from '../../src/kernel/ids.ts';
import { engines } from '../support/engines.ts';
import { type Send, send } from '../support/gate.ts';
import { openStandingFence, type StandingFence } from '../support/standing-fence.ts';
import { made, openWorkbench, type Workbench } from '../support/workbench.ts';

/** Nobody who was removed, demoted or signed out in the middle of a request has it done, on any route. */

const nameOf = ({ method, path }: Route): string => `${method.toUpperCase()} ${path}`;
const changing = routes.filter(({ method }) => method !== 'get');
const withBody = changing.filter(({ body }) => body !== undefined);
const ofWorkspace = routes.filter(({ person }) => person === undefined);

type Resources = Readonly<Record<ResourceKind, string>> & { readonly sha256: string };

const DOCUMENT = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'A', version: '1' },
  servers: [{ url: 'https://a.example' }],
  paths: { '/a': { get: { responses: { 200: { description: 'It is there.' } } } } },
});

/** A body that each route takes. One that has no line here fails the first test. */
const BODIES: Readonly<Record<string, (own: Resources) => object>> = {
  'PUT /v1/me/workspace': () => ({ workspace: 'demo' }),
  'PATCH /v1/workspaces/current': () => ({ name: `Demo ${unique()}` }),
  'POST /v1/workspaces/current/owner': ({ member }) => ({ user_id: member }),
  'POST /v1/members': () => ({ email: `${unique()}@example.com`, role: 'admin' }),
  'PATCH /v1/members/{id}': () => ({ role: 'admin' }),
  'POST /v1/clients': () => ({ name: `client ${unique()}` }),
  'PATCH /v1/clients/{id}': () => ({ description: unique() }),
  'POST /v1/clients/{id}/tokens': () => ({ name: 'made meanwhile' }),
  'POST /v1/clients/{id}/tokens/{token_id}/rotate': () => ({}),
  'POST /v1/clients/{id}/run-labels/clear': () => ({ reason: 'made meanwhile' }),
  'POST /v1/clients/{id}/grants': () => ({ tool: 'help.search', policy: 'auto' }),
  'PATCH /v1/clients/{id}/grants/{grant_id}': ({ member }) => ({ approver_user_ids: [member] }),
  'POST /v1/connectors': () => ({
    name: `connector ${unique()}`,
    kind: 'http',
    config: { base_url: 'http://a.example' },
  }),
  'PATCH /v1/connectors/{id}': () => ({ name: `connector ${unique()}` }),
  'POST /v1/tools': () => ({
    name: `made.${unique()}`,
    effect: 'read',
    input_schema: { type: 'object' },
    handler_kind: 'noop',
  }),
  'POST /v1/connectors/{id}/mcp/discover': () => ({}),
  'POST /v1/connectors/{id}/mcp/accept': () => ({ tools: [{ name: 'echo', pin: 'a'.repeat(64), effect: 'read' }] }),
  'POST /v1/tools/{id}/accept-drift': () => ({ pin: 'a'.repeat(64) }),
  'POST /v1/connectors/authorizations': () => ({ state: unique() }),
  'POST /v1/secrets': () => ({ name: unique().toUpperCase(), value: unique(), hosts: ['a.example'] }),
  'POST /v1/webhooks': () => ({ url: `https://${unique()}.example/`, events: ['*'] }),
  'PATCH /v1/webhooks/{id}': () => ({ description: unique() }),
  'PATCH /v1/notices/mine': () => ({ email: false }),
  'PUT /v1/notices/slack': () => ({ url: `https://${unique()}.example/` }),
  'POST /v1/notices/push-subscriptions': () => ({
    endpoint: `https://${unique()}.example/`,
    keys: { p256dh: randomBytes(65).toString('base64url'), auth: randomBytes(16).toString('base64url') },
  }),
  'PATCH /v1/tools/{id}': () => ({ description: unique() }),
  'POST /v1/tools/{id}/test': () => ({ arguments: { text: 'tried out' } }),
  'POST /v1/tools/openapi/preview': () => ({ document: DOCUMENT }),
  'POST /v1/tools/openapi/import': () => ({
    document: '{}',
    sha256: 'a'.repeat(64),
    connector: { name: 'a', base_url: 'http://a.example' },
    operations: [],
  }),
  'POST /v1/tools/from-curl': () => ({ command: 'curl https://a.example' }),
  'POST /v1/tools/{id}/check-rules': () => ({ rules: [{ name: 'a', when: 'true', policy: 'approve' }] }),
  'POST /v1/tools/check-schema': () => ({ input_schema: { type: 'object' } }),
  'PATCH /v1/drafts/{id}': () => ({ arguments: { text: unique() } }),
  'POST /v1/kill-switches/{id}/break-glass': () => ({ minutes: 1, reason: 'Meanwhile' }),
  'POST /v1/kill-switches': ({ client }) => ({ scope: 'client', id: client, reason: 'Meanwhile' }),
  'POST /v1/approvals/deny': ({ approval, sha256 }) => ({
    items: [{ id: approval, payload_sha256: sha256 }],
    reason: 'Meanwhile',
  }),
  'POST /v1/approvals/{id}/decisions': ({ sha256 }) => ({ decision: 'granted', payload_sha256: sha256 }),
};

const QUERIES: Readonly<Record<string, string>> = {
  'GET /v1/search': '?q=demo',
  'GET /v1/kill-switches/preview': '?scope=workspace',
  'DELETE /v1/kill-switches/{id}': '?reason=Done',
};

/** What only who asked for a call, who has signed it, whose target is still there or who has been at a provider can do; each has tests of its own. */
const NOT_FOR_EVERYBODY = new Set([
  'DELETE /v1/approvals/{id}',
  'DELETE /v1/approvals/{id}/decisions/mine',
  'DELETE /v1/members/{id}',
  'POST /v1/kill-switches/{id}/break-glass',
  'DELETE /v1/kill-switches/{id}/break-glass',
  'POST /v1/connectors/{id}/authorization',
  'POST /v1/connectors/{id}/mcp/discover',
  'POST /v1/connectors/{id}/mcp/accept',
  'POST /v1/tools/{id}/accept-drift',
  'POST /v1/connectors/authorizations',
  'DELETE /v1/connectors/{id}/authorization',
  // It goes on from a preview.
  'POST /v1/tools/openapi/import',
]);

/** Changes that nothing is left of, and choosing the workspace that is chosen already. */
const KEEPS_NOTHING = new Set([
  'POST /v1/tools/check-schema',
  'POST /v1/tools/{id}/check-rules',
  'POST /v1/tools/from-curl',
  'PUT /v1/me/workspace',
]);

const unique = (): string => `a${randomBytes(6).toString('hex')}`;

test('every route with a body has one here', () => {
  expect(withBody.map(nameOf).filter((name) => BODIES[name] === undefined)).toEqual([]);
});

describe.each(engines)('in the middle of a request on %s', (engine) => {
  let bench: Workbench;
  let fence: StandingFence;
  let owner: Send;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
    fence = await openStandingFence(bench.gate);
    owner = bench.people.owner;
  });
  afterAll(async () => {
    await fence?.close();
    await bench?.close();
  });

  /** One of everything, for one request to change. Only so many people can be invited in a minute. */
  async function newResources(invites = true): Promise<Resources> {
    const client = await bench.newClient();
    const tool = await bench.newTool();
    const grant = await bench.newGrant(client.id, tool.name, 'approve');
    const asked = { tool: tool.name, arguments: { text: 'held' } };
    const held = made(await client.send('POST', '/api/agent/gateway', asked));
    const drafting = await bench.newClient({ draft_only: true });
    await bench.newGrant(drafting.id, tool.name, 'auto');
    // While nothing stops its tool yet.
    const draft = made(await drafting.send('POST', '/api/agent/gateway', asked));
    const flip = { scope: 'tool', id: made(await owner('GET', '/v1/tools')).items[0].id, reason: 'To be lifted' };
    const before = made(await owner('GET', '/v1/kill-switches')).items.find(
      (one: { lifted_at: string | null; target_id?: string }) => one.lifted_at === null,
    );
    const killSwitch = before ?? made(await owner('POST', '/v1/kill-switches', flip));
    const webhook = made(await owner('POST', '/v1/webhooks', BODIES['POST /v1/webhooks']!({} as Resources)));
    return {
      draft: draft.draft_id,
      webhook: webhook.id,
      delivery: made(await owner('POST', `/v1/webhooks/${webhook.id}/ping`)).id,
      client: client.id,
      token: client.tokenId,
      connector: await bench.newConnector(bench.stub.url),
      tool: tool.id,
      grant,
      approval: held.approval_id,
      execution: held.execution_id,
      kill_switch: killSwitch.id,
      member: bench.userIds.member,
      secret: made(await owner('POST', '/v1/secrets', BODIES['POST /v1/secrets']!({} as Resources))).id,
      invitation: invites
        ? made(await owner('POST', '/v1/members', { email: `${unique()}@demo.example`, role: 'viewer' })).id
        : 'none',
      sha256: held.payload_sha256,
    };
  }

  const pathOf = (route: Route, own: Resources): string =>
    Object.entries(route.params ?? {}).reduce((path, [name, kind]) => path.replace(`{${name}}`, own[kind]), route.path);

  async function signedIn(nth: 'owner' | 'admin' | 'second_admin'): Promise<string> {
    const [role, index] = nth === 'second_admin' ? ['admin', 1] : [nth, 0];
    const user = bench.gate.demo.users.filter((one) => one.role === role)[index as number]!;
    const { email, password } = user;
    const reply = await bench.gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
    expect(reply.status).toBe(200);
    return reply.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  }

  const people = new Map<string, Promise<string>>();
  /** Somebody signed in once, whatever happened to the sessions they had at first. */
  const person = async (name: 'admin' | 'second_admin'): Promise<Send> => {
    const cookie = people.get(name) ?? signedIn(name);
    people.set(name, cookie);
    const { url, demo } = bench.gate;
    return send(url, { cookie: await cookie, origin: url, 'countersign-workspace': demo.slug });
  };

  /** Entries of what was refused, or of the loss itself, are no change that has landed. */
  const isChange = ({ event_type }: { event_type: string }): boolean =>
    !event_type.endsWith('refused') && event_type !== 'member.password_changed';
  /** How many changes of this actor the log has. */
  const entriesBy = async (userId: string): Promise<number> =>
    (await bench.entries({ actor: userId })).filter(isChange).length;

  const LOSSES: Readonly<Record<string, { does: string; undoes: string; by: (id: string) => unknown[] }>> = {
    removed: {
      does: 'update workspace_members set tenant_id = $2 where user_id = $1 and tenant_id = $3',
      undoes: 'update workspace_members set tenant_id = $3 where user_id = $1 and tenant_id = $2',
      by: (id) => [id, idToUuid(bench.gate.other.id), bench.gate.tenantId],
    },
    'signed out': {
      does: `update auth_sessions set "expiresAt" = "expiresAt" - interval '30 days' where "userId" = $1`,
      undoes: `update auth_sessions set "expiresAt" = "expiresAt" + interval '30 days' where "userId" = $1`,
      by: (id) => [id],
    },
    demoted: {
      does: `update workspace_members set role = 'viewer' where user_id = $1 and tenant_id = $2`,
      undoes: `update workspace_members set role = 'admin' where user_id = $1 and tenant_id = $2`,
      by: (id) => [id, bench.gate.tenantId],
    },
  };
  test.each(Object.keys(LOSSES))(
    '%s between the first question and the transaction: every route refuses',
    async (loss) => {
      const { does, undoes, by } = LOSSES[loss]!;
      const id = bench.userIds.second_admin;
      const cookie = await signedIn('second_admin');
      const victim = send(fence.url, { cookie, origin: fence.url, 'countersign-workspace': 'demo' });
      const own = await newResources();
      const wrong: string[] = [];
      for (const route of ofWorkspace) {
        const needs = route.permission as Permission;
        if (!may('admin', needs) || (loss === 'demoted' && may('viewer', needs))) continue;
        const before = await entriesBy(id);
        let struck = false;
        fence.beforeTransaction(async () => {
          struck = true;
          await bench.sql(does, by(id));
        });
        const body = route.body && BODIES[nameOf(route)]!(own);
        const query = QUERIES[nameOf(route)] ?? '';
        const reply = await victim(route.method.toUpperCase(), pathOf(route, own) + query, body);
        fence.beforeTransaction(undefined);
        if (struck) await bench.sql(undoes, by(id));
        if (!struck) wrong.push(`${nameOf(route)}: began no transaction`);
        if (![401, 403].includes(reply.status)) wrong.push(`${nameOf(route)}: ${reply.status} ${reply.body?.code}`);
        if ((await entriesBy(id)) !== before) wrong.push(`${nameOf(route)}: left an entry`);
      }
      expect(wrong).toEqual([]);
    },
  );

  const BEHIND: Readonly<Record<string, (cookie: string) => Promise<unknown>>> = {
    removed: async () => made(await owner('DELETE', `/v1/members/${bench.userIds.second_admin}`)),
    demoted: async () => made(await owner('PATCH', `/v1/members/${bench.userIds.second_admin}`, { role: 'viewer' })),
    'signed out': async (cookie) =>
      made(await send(bench.gate.url, { cookie, origin: bench.gate.url })('POST', '/api/auth/sign-out', {})),
    'password changed': async () => {
      const elsewhere = await signedIn('second_admin');
      const user: { password: string } = bench.gate.demo.users.filter(({ role }) => role === 'admin')[1]!;
      const change = { currentPassword: user.password, newPassword: randomBytes(16).toString('base64url') };
      user.password = change.newPassword;
      const sender = send(bench.gate.url, { cookie: elsewhere, origin: bench.gate.url });
      return made(await sender('POST', '/api/auth/change-password', change));
    },
  };

  test.each(Object.keys(BEHIND))('%s while the body is on its way: nothing lands, on any route', async (loss) => {
    const id = bench.userIds.second_admin;
    const cookie = await signedIn('second_admin');
    const own = await newResources();
    const headers = { cookie, origin: fence.url, 'countersign-workspace': 'demo' };
    const begun = [];
    for (const route of withBody.filter(
      (one) => one.permission === 'signed-in' || may('admin', one.permission as Permission),
    )) {
      if (loss === 'demoted' && (one(route) || may('viewer', route.permission as Permission))) continue;
      if (loss === 'removed' && one(route)) continue;
      const body = BODIES[nameOf(route)]!(own);
      begun.push({ route, request: await fence.begin(route.method.toUpperCase(), pathOf(route, own), headers, body) });
    }
    expect(begun.length).toBeGreaterThan(12);
    const before = await entriesBy(id);
    try {
      await BEHIND[loss]!(cookie);
      const wrong: string[] = [];
      for (const { route, request } of begun) {
        const { status, code } = await request.finish();
        if (![401, 403].includes(status)) wrong.push(`${nameOf(route)}: ${status} ${code}`);
      }
      expect(wrong).toEqual([]);
      expect(await entriesBy(id)).toBe(before);
    } finally {
      await bench.sql(
        `insert into workspace_members (tenant_id, user_id, role) values ($1, $2, 'admin')
           on conflict (tenant_id, user_id) do update set role = 'admin'`,
        [bench.gate.tenantId, id],
      );
    }
  });
  const one = ({ permission }: Route): boolean => permission === 'signed-in';

  test('without a loss the same requests land, so nothing else refused them', { timeout: 240_000 }, async () => {
    const cookie = await signedIn('admin');
    const headers = { cookie, origin: fence.url, 'countersign-workspace': 'demo' };
    const wrong: string[] = [];
    for (const route of changing.filter(({ permission }) => permission !== 'owner.transfer')) {
      const own = await newResources(Object.values(route.params ?? {}).includes('invitation'));
      const before = await entriesBy(bench.userIds.admin);
      const path = pathOf(route, own);
      if (NOT_FOR_EVERYBODY.has(nameOf(route))) continue;
      if (route.body === undefined) {
        const query = QUERIES[nameOf(route)] ?? '';
        const reply = await send(fence.url, headers)(route.method.toUpperCase(), path + query);
        if (reply.status >= 300) wrong.push(`${nameOf(route)}: ${reply.status} ${reply.text}`);
      } else {
        const request = await fence.begin(route.method.toUpperCase(), path, headers, BODIES[nameOf(route)]!(own));
        const { status, code } = await request.finish();
        if (status >= 300) wrong.push(`${nameOf(route)}: ${status} ${code}`);
      }
      const left = (await entriesBy(bench.userIds.admin)) - before;
      if (left === 0 && !KEEPS_NOTHING.has(nameOf(route))) wrong.push(`${nameOf(route)}: left no entry`);
    }
    expect(wrong).toEqual([]);
  });

  test('of two admins who remove each other exactly one does', async () => {
    const [first, second] = [await person('admin'), await person('second_admin')];
    for (let nth = 0; nth < 8; nth += 1) {
      const [one, two] = [bench.userIds.admin, bench.userIds.second_admin];
      const replies = await Promise.all([
        first('DELETE', `/v1/members/${two}`),
        second('DELETE', `/v1/members/${one}`),
      ]);
      const left = await bench.sql<{ user_id: string }>(
        'select user_id from workspace_members where tenant_id = $1 and user_id = any($2)',
        [bench.gate.tenantId, [one, two]],
      );
      expect(replies.map(({ status }) => status).sort()).toEqual([204, 403]);
      expect(left).toHaveLength(1);
      await bench.sql(
        `insert into workspace_members (tenant_id, user_id, role) select $1, unnest($2::text[]), 'admin'
           on conflict (tenant_id, user_id) do nothing`,
        [bench.gate.tenantId, [one, two]],
      );
    }
  });

  test('of many changes that race with a removal none is chained behind it', async () => {
    const id = bench.userIds.second_admin;
    const names = Array.from({ length: 60 }, unique);
    const second = await person('second_admin');
    const change = (name: string) => second('POST', '/v1/clients', { name });
    const [first, ...rest] = names;
    made(await change(first!));
    await Promise.all([
      ...rest.slice(0, 30).map(change),
      owner('DELETE', `/v1/members/${id}`),
      ...rest.slice(30).map(change),
    ]);
    const entries = await bench.entries();
    const removed = entries.findLastIndex((one) => one.event_type === 'member.removed' && one.resource.id === id);
    expect(removed).toBeGreaterThan(-1);
    expect(entries.slice(removed).filter((one) => one.actor.id === id && isChange(one))).toEqual([]);
    await bench.sql(`insert into workspace_members (tenant_id, user_id, role) values ($1, $2, 'admin')`, [
      bench.gate.tenantId,
      id,
    ]);
  });
});
