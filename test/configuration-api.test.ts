import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import { type Gate, type Reply, type Send, startGate } from './support/gate.ts';

/** What the dashboard does to configure a workspace, over HTTP: the framework around the verbs. */
describe.each(engines)('configuration over HTTP on %s', (engine) => {
  let gate: Gate;
  let owner: Send;
  let admin: Send;
  let viewer: Send;
  beforeAll(async () => {
    gate = await startGate(engine);
    owner = await gate.person('owner');
    admin = await gate.person('admin');
    viewer = await gate.person('viewer');
  });
  afterAll(() => gate?.close());

  const made = async (path: string, body: object): Promise<Reply['body']> => {
    const reply = await admin('POST', path, body);
    if (reply.status !== 201) throw new Error(`${path}: ${reply.text}`);
    return reply.body;
  };
  const fields = (reply: Reply): string[] => reply.body.errors.map(({ field }: { field: string }) => field);

  test('a person sees who they are, where, and what they may do there', async () => {
    const { status, body } = await viewer('GET', '/v1/me');
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ email: 'viewer@demo.example', name: 'Viewer' });
    expect(body.workspaces).toMatchObject([{ id: gate.demo.id, slug: 'demo', role: 'viewer' }]);
    expect(body.workspaces[0].permissions).toContain('audit.read');
    expect(body.workspaces[0].permissions).not.toContain('clients.manage');
    expect((await gate.anyone('GET', '/v1/me')).body).toMatchObject({ code: 'unauthenticated' });
    expect((await gate.client()('GET', '/v1/me')).status).toBe(403);
  });

  test("the default workspace is chosen among one's own", async () => {
    expect((await viewer('PUT', '/v1/me/workspace', { workspace: 'demo' })).status).toBe(204);
    expect((await viewer('PUT', '/v1/me/workspace', { workspace: gate.demo.id })).status).toBe(204);
    for (const workspace of ['other', gate.other.id, 'nowhere']) {
      expect((await viewer('PUT', '/v1/me/workspace', { workspace })).body).toMatchObject({ code: 'not_found' });
    }
  });

  test("a workspace's settings are read by all, changed by admins", async () => {
    expect((await viewer('GET', '/v1/workspaces/current')).body).toMatchObject({
      slug: 'demo',
      approval_ttl_seconds: 1800,
    });
    expect((await viewer('PATCH', '/v1/workspaces/current', { name: 'X' })).body).toMatchObject({ code: 'forbidden' });
    const wrong = await admin('PATCH', '/v1/workspaces/current', { approval_ttl_seconds: 1, slug: 'x' });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    const right = await admin('PATCH', '/v1/workspaces/current', { approval_ttl_seconds: 900 });
    expect(right).toMatchObject({ status: 200, body: { approval_ttl_seconds: 900 } });
  });

  test("a client's life: made, read, edited with its ETag, revoked", async () => {
    const created = await admin('POST', '/v1/clients', { name: 'Billing agent', rpm_limit: 60 });
    expect(created).toMatchObject({ status: 201, body: { name: 'Billing agent', rpm_limit: 60, version: 1 } });
    expect(created.headers.get('etag')).toBe('"1"');
    const path = `/v1/clients/${created.body.id}`;
    expect((await viewer('GET', path)).body).toEqual(created.body);

    const edited = await admin('PATCH', path, { draft_only: true }, { 'if-match': '"1"' });
    expect(edited).toMatchObject({ status: 200, body: { draft_only: true, version: 2 } });
    expect(edited.headers.get('etag')).toBe('"2"');
    const late = await admin('PATCH', path, { draft_only: false }, { 'if-match': '"1"' });
    expect(late).toMatchObject({ status: 412, body: { code: 'version_mismatch' } });

    expect((await viewer('GET', `${path}/usage`)).body).toMatchObject({ rpm_limit: 60, last_24_hours: { total: 0 } });
    expect((await admin('DELETE', path)).status).toBe(204);
    expect((await admin('DELETE', path)).body).toMatchObject({ status: 409, code: 'conflict' });
    expect((await viewer('GET', path)).body).toMatchObject({ status: 'revoked' });
  });

  test('a token is shown once, works, is rotated and revoked', async () => {
    const client = await made('/v1/clients', { name: 'Tokens' });
    const path = `/v1/clients/${client.id}/tokens`;
    const first = await made(path, { name: 'first', expires_in_days: 30 });
    expect((await viewer('GET', path)).text).not.toContain(first.token.slice(-43));
    const status = (token: string) =>
      gate
        .client(token)('GET', '/api/agent/gateway')
        .then((reply) => reply.status);
    expect(await status(first.token)).toBe(200);

    const second = await made(`${path}/${first.id}/rotate`, { overlap_seconds: 3600 });
    expect([await status(first.token), await status(second.token)]).toEqual([200, 200]);
    expect((await admin('DELETE', `${path}/${first.id}`)).status).toBe(204);
    expect([await status(first.token), await status(second.token)]).toEqual([401, 200]);
    await admin('DELETE', `/v1/clients/${client.id}`);
    expect(await status(second.token)).toBe(401);

    const { items } = (await viewer('GET', path)).body;
    expect(items).toMatchObject([
      { id: second.id, status: 'revoked' },
      { id: first.id, status: 'revoked', rotated_to: second.id },
    ]);
  });

  test('a tool behind a connector is made, granted, called, and archived', async () => {
    const connector = await made('/v1/connectors', {
      name: 'desk',
      kind: 'http',
      config: { base_url: gate.upstream.url },
    });
    const tool = await made('/v1/tools', {
      name: 'desk.search',
      effect: 'read',
      input_schema: {
        type: 'object',
        properties: { q: { type: 'string' } },
        required: ['q'],
        additionalProperties: false,
      },
      connector_id: connector.id,
      handler_kind: 'http',
      handler_config: { method: 'GET', path: '/search' },
    });
    const client = await made('/v1/clients', { name: 'Reader' });
    const { token } = await made(`/v1/clients/${client.id}/tokens`, { name: 't' });
    const call = () =>
      gate.client(token)('POST', '/api/agent/gateway', { tool: 'desk.search', arguments: { q: 'refund' } });
    expect((await call()).body).toMatchObject({ code: 'not_granted' });

    const grants = `/v1/clients/${client.id}/grants`;
    const grant = await made(grants, { tool: 'desk.search' });
    expect(grant).toMatchObject({ policy: 'auto', tool_id: tool.id, warnings: [] });
    expect((await call()).status).toBe(200);
    expect((await admin('PATCH', `${grants}/${grant.id}`, { policy: 'approve' })).body).toMatchObject({
      policy: 'approve',
      version: 2,
    });
    expect((await call()).status).toBe(202);

    expect((await admin('DELETE', `/v1/tools/${tool.id}`)).status).toBe(204);
    expect((await call()).body).toMatchObject({ code: 'not_granted' });
    expect((await admin('DELETE', `${grants}/${grant.id}`)).status).toBe(204);
    expect((await viewer('GET', grants)).body.items).toEqual([]);
    expect((await admin('DELETE', `/v1/connectors/${connector.id}`)).status).toBe(204);
    expect((await viewer('GET', '/v1/connectors?status=revoked')).body.items).toMatchObject([{ id: connector.id }]);
  });

  test('a kill switch is previewed, flipped, seen and lifted', async () => {
    const { items } = (await viewer('GET', '/v1/tools?status=active')).body;
    const tool = items.find(({ name }: { name: string }) => name === 'help.search');
    const aim = { scope: 'tool', id: tool.id };
    const preview = await viewer('GET', `/v1/kill-switches/preview?scope=tool&id=${tool.id}`);
    expect(preview.body).toMatchObject({ ...{ scope: 'tool', target_id: tool.id }, already_on: false });
    expect(preview.body.clients).toBeGreaterThan(0);

    const call = () => gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'refund' } });
    expect((await viewer('POST', '/v1/kill-switches', { ...aim, reason: 'no' })).body).toMatchObject({
      code: 'forbidden',
    });
    const flipped = await made('/v1/kill-switches', { ...aim, reason: 'It answers nonsense.' });
    expect((await call()).body).toMatchObject({ status: 403, code: 'kill_switch' });
    expect((await admin('POST', '/v1/kill-switches', { ...aim, reason: 'again' })).body).toMatchObject({
      code: 'conflict',
    });
    expect((await viewer('GET', '/v1/kill-switches?status=on')).body.items).toMatchObject([{ id: flipped.id }]);
    expect((await admin('DELETE', `/v1/kill-switches/${flipped.id}?reason=Fixed.`)).status).toBe(204);
    expect((await call()).status).toBe(200);
    const list = (await viewer('GET', '/v1/kill-switches')).body.items;
    expect(list[0]).toMatchObject({ id: flipped.id, status: 'lifted', lift_reason: 'Fixed.' });
  });

  test('whoever is invited joins with the link, which is shown once', async () => {
    const invited = await made('/v1/members', { email: 'New@Person.example', role: 'viewer' });
    const token = new URL(invited.link).hash.replace('#token=', '');
    const listed = await admin('GET', '/v1/members/invitations');
    expect(listed.body.items).toMatchObject([{ id: invited.id, email: 'new@person.example', status: 'pending' }]);
    expect(listed.text).not.toContain(token);
    const joined = await gate.anyone('POST', '/api/auth/invitation/join', {
      token,
      name: 'New',
      password: 'seven brass lanterns',
    });
    expect(joined.status).toBe(200);
    expect(joined.text).not.toContain('token');
    const cookie = joined.headers.getSetCookie()[0]!.split(';')[0]!;
    const mine = (path: string) => gate.anyone('GET', path, undefined, { cookie });
    expect((await mine('/v1/workspaces/current')).status).toBe(200);

    const { id } = joined.body.user;
    expect((await admin('PATCH', `/v1/members/${id}`, { role: 'owner' })).body).toMatchObject({
      code: 'invalid_request',
    });
    expect((await admin('PATCH', `/v1/members/${id}`, { role: 'admin' })).body).toMatchObject({ role: 'admin' });
    expect((await admin('DELETE', `/v1/members/${id}`)).status).toBe(204);
    expect((await mine('/v1/workspaces/current')).body).toMatchObject({ status: 403, code: 'cross_tenant' });
  });

  test('only the owner hands over the ownership', async () => {
    const { items } = (await viewer('GET', '/v1/members')).body;
    const idOf = (role: string) => items.find((one: { role: string }) => one.role === role).id as string;
    const [first, heir] = [idOf('owner'), idOf('admin')];
    const handOver = (send: Send, user_id: string) => send('POST', '/v1/workspaces/current/owner', { user_id });
    expect((await handOver(admin, heir)).body).toMatchObject({ code: 'forbidden' });
    expect((await handOver(owner, heir)).body).toMatchObject({ id: heir, role: 'owner' });
    expect((await handOver(owner, first)).body).toMatchObject({ code: 'forbidden' });
    const heirSends = await gate.person('admin', ((await emailOf(heir)) ?? '').includes('admin-1') ? 0 : 1);
    expect((await handOver(heirSends, first)).body).toMatchObject({ id: first, role: 'owner' });

    async function emailOf(id: string): Promise<string | undefined> {
      return items.find((one: { id: string }) => one.id === id)?.email;
    }
  });

  test('lists go page by page to the end, once each', async () => {
    for (const name of ['p1', 'p2', 'p3']) await made('/v1/clients', { name });
    const seen: string[] = [];
    let query = '?limit=2';
    for (let pages = 0; pages < 20; pages += 1) {
      const { items, next_cursor } = (await viewer('GET', `/v1/clients${query}`)).body;
      seen.push(...items.map(({ id }: { id: string }) => id));
      if (next_cursor === null) break;
      query = `?limit=2&cursor=${next_cursor}`;
    }
    const all = (await viewer('GET', '/v1/clients?limit=100')).body.items.map(({ id }: { id: string }) => id);
    expect(seen).toEqual(all);
    expect(seen).toEqual([...seen].sort().reverse());
  });

  test.each<[string, string, string, unknown, string]>([
    ['an unknown field', 'POST', '/v1/clients', { name: 'x', admin: true }, '(body)'],
    ['a missing name', 'POST', '/v1/clients', {}, 'name'],
    ['a list for a body', 'POST', '/v1/clients', [], '(body)'],
    ['a limit of 101', 'GET', '/v1/clients?limit=101', undefined, 'limit'],
    ['an unknown query field', 'GET', '/v1/tools?sort=name', undefined, '(body)'],
    ['a cursor of another kind', 'GET', '/v1/tools?cursor=icl_01h455vb4pex5vsknk084sn02q', undefined, 'cursor'],
    ['a connector of a later version', 'POST', '/v1/connectors', { name: 'x', kind: 'telex' }, 'kind'],
    [
      'a key in a connector',
      'POST',
      '/v1/connectors',
      { name: 'x', kind: 'http', config: { base_url: 'https://a.example', api_key: 'k' } },
      'config.api_key',
    ],
    [
      'a connector to this machine',
      'POST',
      '/v1/connectors',
      { name: 'x', kind: 'http', config: { base_url: 'http://127.0.0.1:9' } },
      'config.base_url',
    ],
    [
      'a connector to a private name',
      'POST',
      '/v1/connectors',
      { name: 'x', kind: 'http', config: { base_url: 'https://crm.internal' } },
      'config.base_url',
    ],
    ['a role that cannot be given', 'POST', '/v1/members', { email: 'a@b.example', role: 'owner' }, 'role'],
    ['no address', 'POST', '/v1/members', { email: 'ab.example', role: 'viewer' }, 'email'],
    ['a switch without a reason', 'POST', '/v1/kill-switches', { scope: 'workspace' }, 'reason'],
    ['a switch on nothing', 'POST', '/v1/kill-switches', { scope: 'tool', reason: 'x' }, 'id'],
  ])('%s is refused, and the field is named', async (_name, method, path, body, field) => {
    const reply = await admin(method, path, body);
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(fields(reply)).toContain(field);
  });

  test('a connector is judged when it is entered or led elsewhere, and says what an operator would set', async () => {
    const config = (base_url: string) => ({ config: { base_url } });
    const create = (base_url: string) =>
      admin('POST', '/v1/connectors', { name: `to ${base_url}`, kind: 'http', ...config(base_url) });
    const refused = await create('http://10.0.0.7:8080/crm');
    expect(refused.body.detail).toContain(`COUNTERSIGN_EGRESS_ALLOW=${gate.demo.id}@10.0.0.7:8080`);
    // No exception lets anybody there.
    const metadata = await create('http://169.254.169.254');
    expect(metadata.status).toBe(422);
    expect(metadata.body.detail).not.toContain('COUNTERSIGN_EGRESS_ALLOW');
    const there = await made('/v1/connectors', { name: 'public', kind: 'http', ...config('https://api.example.com') });
    expect(there).toMatchObject({ tool_count: 0 });
    const led = await admin('PATCH', `/v1/connectors/${there.id}`, config('http://localhost:9'));
    expect(fields(led)).toContain('config.base_url');
    expect((await admin('PATCH', `/v1/connectors/${there.id}`, { name: 'renamed' })).body.name).toBe('renamed');
  });

  test.each([
    ['/v1/clients', 'name', 'Findable client', { name: 'Findable client' }],
    ['/v1/connectors', 'name', 'Findable connector', { name: 'Findable connector', kind: 'noop' }],
    [
      '/v1/tools',
      'name',
      'findable.tool',
      { name: 'findable.tool', effect: 'read', input_schema: { type: 'object' }, handler_kind: 'noop' },
    ],
  ])('%s is searched, and says how many there are', async (path, field, name, body) => {
    await made(path, body);
    const found = (await viewer('GET', `${path}?q=${encodeURIComponent(name.slice(3).toUpperCase())}`)).body;
    expect(found.items.map((one: Record<string, string>) => one[field])).toEqual([name]);
    expect(found).toMatchObject({ total: { count: 1, exact: true }, next_cursor: null });
    expect((await viewer('GET', `${path}?q=%25`)).body).toMatchObject({ items: [], total: { count: 0, exact: true } });
    const first = (await viewer('GET', `${path}?limit=1`)).body;
    expect(first.total.count).toBeGreaterThan(1);
    expect((await viewer('GET', `${path}?limit=1&cursor=${first.next_cursor}`)).body.total).toBeNull();
  });

  test('members, grants and invitations are counted; members and grants are searched', async () => {
    const members = (await viewer('GET', '/v1/members?q=OWNER')).body;
    expect(members.total.count).toBe(members.items.length);
    expect(members.items.length).toBeGreaterThan(0);
    const client = await made('/v1/clients', { name: 'With a grant' });
    await made(`/v1/clients/${client.id}/grants`, { tool: 'help.search' });
    const grants = `/v1/clients/${client.id}/grants`;
    expect((await viewer('GET', `${grants}?q=HELP`)).body.total).toEqual({ count: 1, exact: true });
    expect((await viewer('GET', `${grants}?q=none`)).body.total).toEqual({ count: 0, exact: true });
    expect((await viewer('GET', `/v1/clients/${client.id}/tokens`)).body.total).toEqual({ count: 0, exact: true });
    expect((await admin('GET', '/v1/members/invitations')).body.total).toMatchObject({ exact: true });
    expect((await viewer('GET', '/v1/kill-switches')).body.total).toMatchObject({ exact: true });
  });

  test('every change is in the audit log, and it verifies', async () => {
    await gate.sequenced();
    const events = new Set<string>();
    let query = '?limit=100';
    for (let pages = 0; pages < 20; pages += 1) {
      const { items, next_cursor } = (await viewer('GET', `/v1/audit${query}`)).body;
      for (const { entry } of items) events.add(entry.event_type);
      if (next_cursor === null || next_cursor === undefined) break;
      query = `?limit=100&cursor=${next_cursor}`;
    }
    for (const event of [
      'settings.updated',
      'client.created',
      'client.updated',
      'client.revoked',
      'token.created',
      'token.rotated',
      'token.revoked',
      'connector.authorized',
      'connector.revoked',
      'tool.created',
      'tool.archived',
      'policy.updated',
      'kill_switch.flipped',
      'kill_switch.lifted',
      'member.invited',
      'member.joined',
      'member.role_changed',
      'member.removed',
      'owner.transferred',
    ]) {
      expect([...events]).toContain(event);
    }
    expect((await admin('POST', '/v1/audit/verify')).body).toMatchObject({ ok: true });
  });
});
