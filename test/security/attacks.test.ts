import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUser } from '../../src/identity/users.ts';
import { createWorkspace } from '../../src/identity/workspaces/create.ts';
import { isRefused } from '../../src/kernel/codes.ts';
import { compileSchema } from '../../src/kernel/json-schema.ts';
import { signInSecret } from '../../src/secrets-key.ts';
import { start } from '../../src/server.ts';
import { readSettings } from '../../src/settings.ts';
import { engines } from '../support/engines.ts';
import { type Gate, type Reply, type Send, send, startGate } from '../support/gate.ts';

/** Holes that were found by attacking the gate, each held shut. */

const SOON = { timeout: 20_000 };
const GATEWAY = '/api/agent/gateway';
const MAIL = { to: ['a@example.com'], subject: 'Hello', body: 'One mail.' };
const REFUND = { order_id: 'S-1', amount: 100, currency: 'EUR', reason: 'Test' };

describe.each(engines)('attacks on %s', (engine) => {
  let gate: Gate;
  beforeAll(async () => {
    gate = await startGate(engine);
  });
  afterAll(() => gate?.close());

  const userId = async (person: Send): Promise<string> => (await person('GET', '/v1/me')).body.user.id;
  const toolId = async (name: string): Promise<string> => {
    const { body } = await (await gate.person('owner'))('GET', '/v1/tools');
    return body.items.find((tool: { name: string }) => tool.name === name).id;
  };
  const grantIt = (person: Send, { approval_id, payload_sha256 }: { approval_id: string; payload_sha256: string }) =>
    person('POST', `/v1/approvals/${approval_id}/decisions`, { decision: 'granted', payload_sha256 });
  const refundGrant = async (): Promise<string> => {
    const { body } = await (await gate.person('owner'))('GET', `/v1/clients/${gate.demo.clients[0]!.id}/grants`);
    const { id } = body.items.find((grant: { tool: string }) => grant.tool === 'refunds.create');
    return `/v1/clients/${gate.demo.clients[0]!.id}/grants/${id}`;
  };

  test.each([
    ['a tool name with a NUL', '{"tool":"a\\u0000b"}'],
    ['an approval id with a NUL', '{"tool":"email.send","approval_id":"a\\u0000"}'],
    ['an approval id of 900 kB', JSON.stringify({ tool: 'email.send', approval_id: 'x'.repeat(900_000) })],
    ['an unknown field with a NUL', '{"tool":"x","\\u0000":1}'],
    ['an unknown field whose shown part ends inside a surrogate pair', `{"tool":"x","${'a'.repeat(63)}😀":1}`],
  ])('%s is refused and recorded, and fails no batch', async (_name, body) => {
    const reply = await gate.client()('POST', GATEWAY, body);
    expect([reply.status, reply.body.code]).toEqual([400, 'invalid_payload']);
    const { body: kept } = await (await gate.person('owner'))('GET', `/v1/executions/${reply.body.execution_id}`);
    expect(kept).toMatchObject({ status: 'denied', code: 'invalid_payload', arguments: null });
  });

  test.each([
    '/v1/executions?tool=%00',
    '/v1/executions?principal=%00',
    '/v1/executions?code=a%00',
    '/v1/approvals?tool=%00',
    '/v1/audit?event=%00',
    '/v1/audit?actor=%00',
    '/v1/audit/export?outcome=%00',
  ])('a NUL in the query is a problem with the request: %s', async (path) => {
    const reply = await (await gate.person('owner'))('GET', path);
    expect([reply.status, reply.body.code]).toEqual([422, 'invalid_request']);
  });

  test('a reason that cannot be stored or hides its meaning is refused', async () => {
    const { body } = await gate.client()('POST', GATEWAY, { tool: 'email.send', arguments: MAIL });
    const admin = await gate.person('admin');
    for (const reason of ['a\0b', 'a\u202eb']) {
      const reply = await admin('POST', `/v1/approvals/${body.approval_id}/decisions`, {
        decision: 'denied',
        reason,
        payload_sha256: body.payload_sha256,
      });
      expect([reply.status, reply.body.code]).toEqual([422, 'invalid_request']);
    }
  });

  test('a held call of somebody who has left the workspace ends, and cannot be approved', async () => {
    const [owner, member] = [await gate.person('owner'), await gate.person('member')];
    const held = await member('POST', `/v1/tools/${await toolId('email.send')}/test`, { arguments: MAIL });
    const id = await userId(member);
    expect((await owner('DELETE', `/v1/members/${id}`)).status).toBe(204);
    const reply = await grantIt(await gate.person('admin'), held.body);
    expect([reply.status, reply.body.code]).toEqual([409, 'approval_cancelled']);
    const { body } = await owner('GET', `/v1/executions/${held.body.execution_id}`);
    expect(body).toMatchObject({ status: 'cancelled', code: 'approval_cancelled' });
    const back = await owner('POST', '/v1/members', { email: 'member@demo.example', role: 'member' });
    const token = new URL(back.body.link).hash.replace('#token=', '');
    expect((await member('POST', '/api/auth/invitation/accept', { token })).status).toBe(200);
  });

  test('a held call of somebody who may only look now is not made when it is approved', async () => {
    const [owner, member] = [await gate.person('owner'), await gate.person('member')];
    const held = await member('POST', `/v1/tools/${await toolId('email.send')}/test`, { arguments: MAIL });
    const id = await userId(member);
    expect((await owner('PATCH', `/v1/members/${id}`, { role: 'viewer' })).status).toBe(200);
    const sent = gate.upstream.state.outbox.length;
    expect((await grantIt(await gate.person('admin'), held.body)).body.status).toBe('approved');
    const refusals = async () =>
      (await owner('GET', `/v1/executions?principal=${id}&code=not_granted`)).body.items.filter(
        (one: { approval_id: string }) => one.approval_id === held.body.approval_id,
      );
    await expect.poll(async () => (await refusals()).length, SOON).toBe(1);
    expect(gate.upstream.state.outbox.length).toBe(sent);
    await owner('PATCH', `/v1/members/${id}`, { role: 'member' });
  });

  test('who edits a grant while a dual approval waits may not decide it, and a vote cast before counts no more', async () => {
    const [early, late] = [await gate.person('admin'), await gate.person('admin', 1)];
    const held = (await gate.client()('POST', GATEWAY, { tool: 'refunds.create', arguments: REFUND })).body;
    const path = await refundGrant();
    expect((await grantIt(early, held)).body).toMatchObject({ status: 'pending', votes: 1 });
    await early('PATCH', path, { approver_user_ids: [] });
    expect((await grantIt(late, held)).body).toMatchObject({ status: 'pending', votes: 1 });

    const other = (await gate.client()('POST', GATEWAY, { tool: 'refunds.create', arguments: REFUND })).body;
    await late('PATCH', path, { approver_user_ids: [] });
    expect((await grantIt(late, other)).body.code).toBe('self_approval');
    expect((await late('GET', `/v1/approvals/${other.approval_id}`)).body.why_not).toBe('requester');
  });

  test('what waited under a grant that was taken back does not run under the one made after it', async () => {
    const owner = await gate.person('owner');
    const agent = gate.client();
    const asked = { tool: 'email.send', arguments: MAIL };
    const held = (await agent('POST', GATEWAY, asked)).body;
    expect((await grantIt(await gate.person('admin'), held)).body.status).toBe('approved');
    const client = `/v1/clients/${gate.demo.clients[0]!.id}/grants`;
    const grants = (await owner('GET', client)).body.items as { id: string; tool: string }[];
    await owner('DELETE', `${client}/${grants.find(({ tool }) => tool === 'email.send')!.id}`);
    await owner('POST', client, { tool: 'email.send', policy: 'approve' });
    const sent = gate.upstream.state.outbox.length;
    const reply = await agent('POST', GATEWAY, { ...asked, approval_id: held.approval_id });
    expect([reply.status, reply.body.code]).toEqual([409, 'definition_drift']);
    expect(gate.upstream.state.outbox.length).toBe(sent);
  });

  test('a token that has ended cannot fill the store with arguments', async () => {
    const owner = await gate.person('owner');
    const tokens = `/v1/clients/${gate.demo.clients[0]!.id}/tokens`;
    const { id, token } = (await owner('POST', tokens, { name: 'leaked' })).body;
    await owner('DELETE', `${tokens}/${id}`);
    const reply = await gate.client(token)('POST', GATEWAY, {
      tool: 'notes.draft',
      arguments: { text: 'x'.repeat(5_000) },
    });
    expect([reply.status, reply.body.code]).toEqual([401, 'unauthenticated']);
    const { body } = await owner('GET', '/v1/executions?code=token_revoked');
    expect((await owner('GET', `/v1/executions/${body.items[0].id}`)).body.arguments).toBeNull();
  });

  test("another workspace's admin cannot turn a person's requests to it by inviting them", async () => {
    const { store } = gate.running.app;
    const stranger = (await createUser(store, {
      email: 'stranger@example.com',
      name: 'S',
      password: 'a long password',
    }))!;
    const person = await gate.person('owner');
    const current = async (headers = {}) => (await person('GET', '/v1/workspaces/current', undefined, headers)).body.id;
    for (const slug of ['demo', 'aaa']) {
      const made = await createWorkspace(store, { slug, name: 'Trap', ownerUserId: stranger.id });
      if (isRefused(made)) throw new Error(made.detail);
      const trap = await gate.person('owner', 0, {
        ...gate.other,
        users: [{ email: 'stranger@example.com', password: 'a long password', role: 'owner' }],
      });
      const added = await trap(
        'POST',
        '/v1/members',
        { email: gate.demo.users[0]!.email, role: 'admin' },
        { 'countersign-workspace': made.id },
      );
      expect(added.status).toBe(201);
      expect(await current()).toBe(gate.demo.id);
      expect(await current({ 'countersign-workspace': 'demo' })).toBe(gate.demo.id);
    }
  });

  test('one person has a bounded number of live streams, and a closed one makes room', async () => {
    const user = gate.demo.users.find(({ role }) => role === 'viewer')!;
    const { headers } = await gate.anyone('POST', '/api/auth/sign-in/email', {
      email: user.email,
      password: user.password,
    });
    const cookie = headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const open: AbortController[] = [];
    const follow = async (): Promise<number> => {
      const going = new AbortController();
      const { status, body } = await fetch(`${gate.url}/v1/events`, { headers: { cookie }, signal: going.signal });
      if (status === 200) open.push(going);
      else await body?.cancel();
      return status;
    };
    const statuses = await Promise.all(Array.from({ length: 20 }, follow));
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    for (const going of open) going.abort();
    await expect.poll(follow, SOON).toBe(200);
    open.at(-1)!.abort();
  });

  test('a list of approvals does not read the payloads it does not show', async () => {
    const owner = await gate.person('owner');
    const reply: Reply = await owner('GET', '/v1/approvals?limit=100');
    expect(reply.body.items.length).toBeGreaterThan(2);
    expect(reply.text).not.toContain('"envelope"');
    const { id } = reply.body.items[0];
    expect((await owner('GET', `/v1/approvals/${id}`)).body.envelope).toContain('"v":1}');
  });
});

test('a schema whose values are cut inside a surrogate pair still gives an error that can be kept', () => {
  for (const pad of [190, 191, 192, 193, 194, 195, 196, 197, 198, 199]) {
    const schema = { type: 'object', properties: { a: { enum: [`${'x'.repeat(pad)}😀`, 'y'.repeat(50)] } } };
    const compiled = compileSchema(schema);
    if (!compiled.ok) throw new Error(compiled.reason);
    const checked = compiled.validate({ a: 'z' });
    expect(JSON.stringify(checked).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(checked))).toBe(true);
  }
});

test.runIf(engines.includes('postgres'))(
  'two nodes that write the same keys in opposite order do not lock each other out',
  async () => {
    const gate = await startGate('postgres');
    const second = await start({
      settings: readSettings({
        PORT: '0',
        COUNTERSIGN_DATA_DIR: gate.running.app.settings.COUNTERSIGN_DATA_DIR,
        DATABASE_URL: gate.databaseUrl,
      }),
      log: gate.running.app.log,
    });
    try {
      await (await gate.person('owner'))('PATCH', `/v1/clients/${gate.demo.clients[0]!.id}`, { rpm_limit: 0 });
      const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
      const there = send(second.url, { authorization: `Bearer ${gate.demo.clients[0]!.token}` });
      const callAll = (agent: Send, inOrder: string[]) =>
        Promise.all(
          inOrder.map((key) =>
            agent('POST', GATEWAY, { tool: 'notes.draft', arguments: { text: 'a' } }, { 'idempotency-key': key }),
          ),
        );
      for (const round of ['a', 'b', 'c']) {
        const own = keys.map((key) => round + key);
        const replies = (await Promise.all([callAll(gate.client(), own), callAll(there, [...own].reverse())])).flat();
        expect(replies.filter(({ status }) => status === 503)).toEqual([]);
      }
    } finally {
      await second.stop();
      await gate.close();
    }
  },
);

test('cookies are never signed with what an empty key file gives', () => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-key-'));
  try {
    const settings = readSettings({ COUNTERSIGN_DATA_DIR: dir });
    expect(signInSecret(settings)).toBe(signInSecret(settings));
    writeFileSync(join(dir, 'secrets.key'), '');
    expect(() => signInSecret(settings)).toThrow('does not hold a key');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
