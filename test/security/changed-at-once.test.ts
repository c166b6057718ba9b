import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newCall } from '../../src/gateway/call.ts';
import { REFUSALS_PER_MINUTE } from '../../src/gateway/record/record.ts';
import { engines } from '../support/engines.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from '../support/workbench.ts';

const GATEWAY = '/api/agent/gateway';

/** What is remembered of a client must not outlive a change of it by more than the next call. */
describe.each(engines)('changes hold at once on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  async function clientWith(policy: 'auto' | 'approve', fields: { rpm_limit?: number } = {}) {
    const client = await bench.newClient(fields);
    const tool = await bench.newTool();
    await bench.newGrant(client.id, tool.name, policy);
    return { client, tool };
  }

  const call = ({ send }: BenchClient, tool: string, more: object = {}, headers: Record<string, string> = {}) =>
    send('POST', GATEWAY, { tool, arguments: { text: 'x' }, ...more }, headers);

  const setLimit = async (id: string, rpm_limit: number) => {
    const { version } = made(await bench.people.owner('GET', `/v1/clients/${id}`));
    made(await bench.people.owner('PATCH', `/v1/clients/${id}`, { rpm_limit }, { 'if-match': `"${version}"` }));
  };

  test.each(['the same tool', 'another tool'])(
    'a lowered limit holds for every call after it, with %s',
    async (which) => {
      const { client, tool } = await clientWith('auto', { rpm_limit: 1000 });
      const other = await bench.newTool();
      await bench.newGrant(client.id, other.name, 'auto');
      expect((await call(client, tool.name)).status).toBe(200);
      await setLimit(client.id, 3);
      const statuses: number[] = [];
      for (let nth = 0; nth < 5; nth += 1) {
        statuses.push((await call(client, which === 'the same tool' ? tool.name : other.name)).status);
      }
      expect(statuses).toEqual([200, 200, 429, 429, 429]);
      await setLimit(client.id, 0);
    },
  );

  test('a client that had no limit is held to one', async () => {
    const { client, tool } = await clientWith('auto', { rpm_limit: 0 });
    expect((await call(client, tool.name)).status).toBe(200);
    await setLimit(client.id, 3);
    expect((await call(client, tool.name)).status).toBe(200);
    expect((await call(client, tool.name)).headers.get('ratelimit-policy')).toBe('"per-minute";q=3;w=60');
  });

  test('a try of a sign-in that ends while it is recorded is not made', async () => {
    const { store, gateway } = bench.gate.running.app;
    const { email, password } = bench.gate.demo.users.find(({ role }) => role === 'owner')!;
    expect((await bench.gate.anyone('POST', '/api/auth/sign-in/email', { email, password })).status).toBe(200);
    const [session] = await bench.sql<{ id: string }>(
      `select id from auth_sessions where "userId" = $1 order by "createdAt" desc limit 1`,
      [bench.userIds.owner],
    );
    const tool = await bench.newTool('/ok', { effect: 'read' });
    const tryOut = () =>
      gateway.dispatch(
        newCall({
          via: 'test',
          credential: {
            kind: 'member',
            tenantId: bench.gate.tenantId,
            userId: bench.userIds.owner,
            sessionId: session!.id,
          },
          toolName: tool.name,
          arguments: { text: 'x' },
        }),
      );
    expect(await tryOut()).toMatchObject({ kind: 'executed' });
    const { write } = store;
    store.write = async (asked) => {
      await bench.sql('delete from auth_sessions where id = $1', [session!.id]);
      return write.call(store, asked);
    };
    try {
      expect(await tryOut()).toMatchObject({ code: 'unauthenticated' });
    } finally {
      store.write = write;
    }
    await bench.gate.sequenced();
    const made = await bench.sql('select from agent_execution_logs where tool_name = $1', [tool.name]);
    expect(made).toHaveLength(1);
  });

  test('a revoked token that was used before is told nothing of its client', async () => {
    const { client, tool } = await clientWith('auto');
    expect((await client.send('GET', GATEWAY)).body.tools).toMatchObject([{ name: tool.name }]);
    made(await bench.people.owner('DELETE', `/v1/clients/${client.id}/tokens/${client.tokenId}`));
    const told = await client.send('GET', GATEWAY);
    expect(told).toMatchObject({ status: 401, body: { code: 'unauthenticated', deny_by_default: true } });
    expect(told.text).not.toContain(client.id);
  });

  test('a revoked token is not told what a call with its key and approval came to', async () => {
    const { client, tool } = await clientWith('approve');
    const { approval_id, payload_sha256 } = made(await call(client, tool.name));
    const path = `/v1/approvals/${approval_id}/decisions`;
    made(await bench.people.owner('POST', path, { decision: 'granted', payload_sha256 }));
    const use = () => call(client, tool.name, { approval_id }, { 'idempotency-key': 'used-once' });
    const first = await use();
    expect(first.body).toMatchObject({ status: 'executed' });
    expect((await use()).body).toEqual(first.body);
    made(await bench.people.owner('DELETE', `/v1/clients/${client.id}/tokens/${client.tokenId}`));
    for (let nth = 0; nth < 2; nth += 1) expect((await use()).status).toBe(401);
  });

  test('a key that was used with another body has its entry, also beside an approval', async () => {
    const { client, tool } = await clientWith('approve');
    const { approval_id, payload_sha256 } = made(await call(client, tool.name));
    const path = `/v1/approvals/${approval_id}/decisions`;
    made(await bench.people.owner('POST', path, { decision: 'granted', payload_sha256 }));
    const headers = { 'idempotency-key': 'used-once' };
    made(await call(client, tool.name, { approval_id }, headers));
    const other = await call(client, tool.name, { approval_id, arguments: { text: 'y' } }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
    const entries = await bench.entries({ resources: [other.body.execution_id] });
    expect(entries).toMatchObject([{ event_type: 'execution.denied', data: { code: 'idempotency_mismatch' } }]);
  });

  test('a switch that is lifted lets a client through that was refused very often', async () => {
    const { client, tool } = await clientWith('auto');
    const flipped = { scope: 'client', id: client.id, reason: 'too eager' };
    const { id } = made(await bench.people.owner('POST', '/v1/kill-switches', flipped));
    for (let nth = 0; nth < REFUSALS_PER_MINUTE + 10; nth += 1) {
      expect((await call(client, tool.name)).body.code).toBe('kill_switch');
    }
    made(await bench.people.owner('DELETE', `/v1/kill-switches/${id}`));
    await expect.poll(async () => (await call(client, tool.name)).status, { timeout: 10_000 }).toBe(200);
  });

  test('a call that waits for the decision is one call of its limit', async () => {
    const { client, tool } = await clientWith('approve', { rpm_limit: 1 });
    const waiting = call(client, tool.name, {}, { prefer: 'wait=20' });
    const asked = async () => made(await bench.people.owner('GET', `/v1/approvals?status=pending&tool=${tool.name}`));
    await expect.poll(async () => (await asked()).items.length).toBe(1);
    const { id, payload_sha256 } = (await asked()).items[0];
    const decision = { decision: 'granted', payload_sha256 };
    made(await bench.people.owner('POST', `/v1/approvals/${id}/decisions`, decision));
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'executed' } });
    expect((await call(client, tool.name)).status).toBe(429);
  });

  test.each(['a switch stops the client', 'the grant is taken back'])(
    'a call that was made is told again under its key, also when %s',
    async (what) => {
      const client = await bench.newClient();
      const tool = await bench.newTool();
      const grant = await bench.newGrant(client.id, tool.name, 'auto');
      const again = (key: string) => call(client, tool.name, {}, { 'idempotency-key': key });
      const first = made(await again('made-before'));
      expect(first).toMatchObject({ status: 'executed' });
      if (what === 'the grant is taken back') {
        made(await bench.people.owner('DELETE', `/v1/clients/${client.id}/grants/${grant}`));
      } else {
        made(await bench.people.owner('POST', '/v1/kill-switches', { scope: 'client', id: client.id, reason: 'Stop' }));
      }
      expect(await again('made-before')).toMatchObject({ status: 200, body: first });
      expect((await again('never-made')).status).toBe(403);
      expect(bench.stub.arrivedWith(first.execution_id)).toBe(1);
      made(await bench.people.owner('DELETE', `/v1/clients/${client.id}/tokens/${client.tokenId}`));
      expect((await again('made-before')).status).toBe(401);
    },
  );
});
