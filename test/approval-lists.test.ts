import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import type { Send } from './support/gate.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

/** What people see of approvals before they open one: who and how much, what stands in the way, what is theirs to do. */

const MAIL = {
  type: 'object',
  required: ['to', 'text'],
  additionalProperties: false,
  properties: {
    to: { type: 'array', items: { type: 'string', format: 'email' } },
    text: { type: 'string' },
    order_id: { type: 'string' },
    amount: {
      type: 'integer',
      'x-countersign': 'amount',
      'x-countersign-amount': { unit: 'minor', currency: { field: 'currency' } },
    },
    currency: { type: 'string', 'x-countersign': 'currency' },
  },
};

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
type Body = any;

describe.each(engines)('lists of approvals on %s', (engine) => {
  let bench: Workbench;
  let client: BenchClient;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  const owner: Send = (...args) => bench.people.owner(...args);
  let count = 0;

  /** A client of its own that may ask for a tool of its own. */
  async function newAsker(approvers: ('member' | 'admin')[] = [], policy: 'approve' | 'approve-dual' = 'approve') {
    count += 1;
    client = await bench.newClient();
    const fields = { name: `refunds_${count}.create`, effect: 'charge', input_schema: MAIL };
    const tool = await bench.newTool('/ok', fields as never);
    const grant = await bench.newGrant(client.id, tool.name, policy, approvers);
    const { send } = client;
    const ask = async (args: object = {}, more: object = {}): Promise<Body> => {
      const body = { tool: tool.name, arguments: { to: [], text: 'x', ...args }, ...more };
      return made(await send('POST', '/api/agent/gateway', body));
    };
    return { client, tool, grant, ask };
  }
  const list = async (query: string, by: Send = owner): Promise<Body> => made(await by('GET', `/v1/approvals${query}`));
  const read = async (id: string, by: Send = owner): Promise<Body> => made(await by('GET', `/v1/approvals/${id}`));
  const waiting = async (by: Send = owner): Promise<Body> => made(await by('GET', '/v1/approvals/count'));

  test('one says in a line whom it concerns and how much, and where it would go', async () => {
    const { ask, tool } = await newAsker();
    const held = await ask({ amount: 36952, currency: 'EUR', order_id: 'A-2996' });
    const detail = await read(held.approval_id);
    expect(detail).toMatchObject({
      state: 'waiting',
      summary: 'Refund 369.52 EUR · A-2996',
      subject: { recipients: [], recipient_count: 0, amount: '369.52 EUR', title: null },
      suspicious: false,
      obstacle: null,
      signed_by: [],
      drift: null,
      call: {
        sentence: `Refund 369.52 EUR · A-2996 through POST ${bench.stub.url}/ok`,
        destination: { method: 'POST', url: `${bench.stub.url}/ok` },
      },
    });
    expect(detail.highlights).toContainEqual({
      role: 'amount',
      steps: ['amount'],
      ...{ unit: 'minor', currency: 'EUR', decimals: 2, text: '369.52 EUR' },
    });
    const { items } = await list(`?tool=${tool.name}`);
    expect(items).toMatchObject([{ id: held.approval_id, summary: detail.summary, subject: detail.subject }]);
    expect(items[0].envelope).toBeUndefined();
  });

  test('one with characters that hide is marked, also with the character that no table can hold', async () => {
    const { ask, tool } = await newAsker();
    await ask({ text: 'all plain, été, Привет' });
    await ask({ text: 'a\u202eb' });
    await ask({ text: 'pаypal' });
    await ask({ order_id: 'A\0B' });
    const { items } = await list(`?tool=${tool.name}`);
    expect(items.map(({ suspicious }: Body) => suspicious)).toEqual([true, true, true, false]);
    expect(items[0].summary).toContain('A\u2400B');
  });

  test('the first page says how many there are, the others do not', async () => {
    const { ask, tool } = await newAsker();
    for (let nth = 0; nth < 3; nth += 1) await ask();
    const first = await list(`?tool=${tool.name}&limit=2`);
    expect(first.total).toEqual({ count: 3, exact: true });
    const second = await list(`?tool=${tool.name}&limit=2&cursor=${first.next_cursor}`);
    expect(second).toMatchObject({ total: null, next_cursor: null });
    expect(second.items).toHaveLength(1);
  });

  test('what expires first comes first, page by page to the end, once each', async () => {
    const { ask, tool } = await newAsker();
    const ids: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) ids.push((await ask()).approval_id);
    const order = [3, 0, 4, 1, 2];
    for (const [place, nth] of order.entries()) {
      await bench.sql('update approvals set expires_at = now() + make_interval(mins => $2) where id = $1', [
        ids[nth],
        // Two at the very same time are told apart by their ids.
        10 + (place === 4 ? 3 : place),
      ]);
    }
    await bench.sql(
      `update approvals set expires_at = (select max(expires_at) from approvals where id = any($1)) where id = any($2)`,
      [ids, [ids[1], ids[2]]],
    );
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Body = await list(`?tool=${tool.name}&sort=soonest&limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ id }: Body) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(order.map((nth) => ids[nth]));
  });

  test('is searched by tool, caller, line and id, and nothing else is found', async () => {
    const { ask, tool, client } = await newAsker();
    const held = await ask({ amount: 100, currency: 'EUR', order_id: 'Q-50%_x' });
    await ask({ amount: 100, currency: 'EUR', order_id: 'Q-50abx' });
    const found = async (q: string) =>
      (await list(`?tool=${tool.name}&q=${encodeURIComponent(q)}`)).items.map(({ id }: Body) => id);
    expect(await found('q-50%_X')).toEqual([held.approval_id]);
    expect(await found(held.approval_id)).toEqual([held.approval_id]);
    expect(await found(held.approval_id.slice(0, -1))).toEqual([]);
    expect(await found(tool.name.toUpperCase())).toHaveLength(2);
    const { name } = made(await owner('GET', `/v1/clients/${client.id}`));
    expect(await found(name.slice(2))).toHaveLength(2);
    expect(await found("' or 1=1 --")).toEqual([]);
    expect((await owner('GET', '/v1/approvals?q=')).status).toBe(422);
    expect((await owner('GET', `/v1/approvals?q=${'x'.repeat(201)}`)).status).toBe(422);
  });

  test('is narrowed to one caller, and to what is the own', async () => {
    const { ask, tool, client } = await newAsker(['member']);
    const { member } = bench.people;
    const held = await ask();
    const own = made(await member('POST', `/v1/tools/${tool.id}/test`, { arguments: { to: [], text: 'tried' } }));
    const ids = async (query: string, by: Send) => (await list(query, by)).items.map(({ id }: Body) => id);
    expect(await ids(`?tool=${tool.name}&principal=${client.id}`, member)).toEqual([held.approval_id]);
    expect(await ids(`?tool=${tool.name}&mine=true`, member)).toEqual([own.approval_id]);
    // The client is the owner's.
    expect(await ids(`?tool=${tool.name}&mine=true`, owner)).toEqual([held.approval_id]);
    expect((await owner('GET', '/v1/approvals?mine=false')).status).toBe(422);
  });

  test('the badge counts what this person can decide, and what can still succeed', async () => {
    const { ask, tool, client } = await newAsker(['member']);
    const { member, viewer, admin } = bench.people;
    const before = { owner: await waiting(), member: await waiting(member), admin: await waiting(admin) };
    const held = await ask({ amount: 5, currency: 'JPY' });
    for (const [by, was] of [
      [owner, before.owner],
      [member, before.member],
      [admin, before.admin],
    ] as const) {
      const now = await waiting(by);
      expect([now.decidable, now.pending]).toEqual([was.decidable + 1, was.pending + 1]);
      expect(Date.parse(now.next_change_at)).toBeGreaterThan(Date.now());
    }
    expect((await waiting(viewer)).decidable).toBe(0);
    expect((await waiting(viewer)).soonest).toEqual([]);
    const decidable = (by: Send) => list(`?tool=${tool.name}&decidable=true`, by);
    expect((await decidable(member)).items).toMatchObject([{ id: held.approval_id, may_decide: true }]);
    expect((await waiting(member)).soonest.length).toBeLessThanOrEqual(3);

    const flip = { scope: 'client', id: client.id, reason: 'Not now' };
    const killSwitch = made(await owner('POST', '/v1/kill-switches', flip));
    expect((await decidable(member)).total).toEqual({ count: 0, exact: true });
    expect((await waiting(member)).decidable).toBe(before.member.decidable);
    expect((await waiting(member)).pending).toBe(before.member.pending + 1);
    expect((await read(held.approval_id)).obstacle).toEqual({
      code: 'stopped',
      detail: 'A kill switch stops this client until an admin lifts it.',
    });
    made(await owner('DELETE', `/v1/kill-switches/${killSwitch.id}`));
    expect((await decidable(member)).total).toEqual({ count: 1, exact: true });
  });

  test('a first signature is named, and leaves the count of its signer alone', async () => {
    const { ask } = await newAsker([], 'approve-dual');
    const { admin, second_admin } = bench.people;
    const held = await ask();
    const before = [(await waiting(admin)).decidable, (await waiting(second_admin)).decidable];
    const decision = { decision: 'granted', payload_sha256: held.payload_sha256 };
    made(await admin('POST', `/v1/approvals/${held.approval_id}/decisions`, decision));
    expect((await read(held.approval_id)).signed_by).toMatchObject([{ user_id: bench.userIds.admin }]);
    expect((await waiting(admin)).decidable).toBe(before[0]! - 1);
    expect((await waiting(second_admin)).decidable).toBe(before[1]!);
    // The owner registered the client, and so does not decide.
    expect((await list(`?principal=${client.id}&decidable=true`)).items).toEqual([]);
  });

  /** What can come between a request and its execution, and what the ruling then says. */
  const OBSTACLES: readonly [string, (asker: Awaited<ReturnType<typeof newAsker>>) => Promise<unknown>, string[]][] = [
    [
      'stopped',
      ({ tool }) => owner('POST', '/v1/kill-switches', { scope: 'tool', id: tool.id, reason: 'Stop' }),
      ['kill_switch'],
    ],
    [
      'definition_drift',
      ({ tool }) => owner('PATCH', `/v1/tools/${tool.id}`, { effect: 'write' }),
      ['definition_drift', 'approval_hash_mismatch'],
    ],
    ['draft_only', ({ client }) => owner('PATCH', `/v1/clients/${client.id}`, { draft_only: true }), ['draft_only']],
    [
      'policy_changed',
      ({ client, grant }) => owner('PATCH', `/v1/clients/${client.id}/grants/${grant}`, { policy: 'approve-dual' }),
      ['approval_hash_mismatch'],
    ],
    ['tool_archived', ({ tool }) => owner('DELETE', `/v1/tools/${tool.id}`), ['not_granted']],
    [
      'tool_not_granted',
      ({ client, grant }) => owner('DELETE', `/v1/clients/${client.id}/grants/${grant}`),
      ['not_granted'],
    ],
    [
      'grant_renewed',
      async ({ client, grant, tool }) => {
        await owner('DELETE', `/v1/clients/${client.id}/grants/${grant}`);
        await bench.newGrant(client.id, tool.name, 'approve');
      },
      ['definition_drift'],
    ],
  ];

  test.each(OBSTACLES)('an approved call says %s when the ruling would refuse it', async (code, come, refusals) => {
    const asker = await newAsker();
    const held = await asker.ask({ amount: 1, currency: 'EUR' });
    const grantIt = { decision: 'granted', payload_sha256: held.payload_sha256 };
    made(await bench.people.admin('POST', `/v1/approvals/${held.approval_id}/decisions`, grantIt));
    expect(await read(held.approval_id)).toMatchObject({ state: 'approved', obstacle: null });
    await come(asker);
    const now = await read(held.approval_id);
    expect([now.status, now.obstacle?.code]).toEqual(['approved', code]);
    const body = {
      tool: asker.tool.name,
      arguments: { to: [], text: 'x', amount: 1, currency: 'EUR' },
      approval_id: held.approval_id,
    };
    const refused = await asker.client.send('POST', '/api/agent/gateway', body);
    expect(refusals).toContain(refused.body.code);
  });

  test('an approved call without an obstacle runs, and then has the word of its call', async () => {
    const { ask, tool, client } = await newAsker();
    const held = await ask();
    const grantIt = { decision: 'granted', payload_sha256: held.payload_sha256 };
    made(await bench.people.admin('POST', `/v1/approvals/${held.approval_id}/decisions`, grantIt));
    const body = { tool: tool.name, arguments: { to: [], text: 'x' }, approval_id: held.approval_id };
    expect((await client.send('POST', '/api/agent/gateway', body)).body).toMatchObject({ status: 'executed' });
    const used = await read(held.approval_id);
    expect(used).toMatchObject({ status: 'consumed', state: 'executed', obstacle: null });
    expect(used.signed_by).toHaveLength(1);
    const { items } = made(await owner('GET', `/v1/executions?tool=${tool.name}`));
    expect(items).toMatchObject([{ status: 'executed', state: 'executed' }]);
  });

  test('a changed tool is shown as it was and as it is, also where only its connector was changed', async () => {
    const asker = await newAsker();
    const held = await asker.ask();
    made(await owner('PATCH', `/v1/tools/${asker.tool.id}`, { handler_config: { method: 'POST', path: '/other' } }));
    const { drift, call, tool_changed } = await read(held.approval_id);
    expect([call, tool_changed]).toEqual([null, true]);
    expect(drift.before).toMatchObject({ handler_config: { path: '/ok' }, connector: { id: bench.connectorId } });
    expect(drift.after).toMatchObject({ handler_config: { path: '/other' }, connector: { id: bench.connectorId } });

    const connector = await bench.newConnector(bench.stub.url);
    const second = await newAsker();
    made(await owner('PATCH', `/v1/tools/${second.tool.id}`, { connector_id: connector }));
    const through = await second.ask();
    const moved = `${bench.stub.url}/moved`;
    made(await owner('PATCH', `/v1/connectors/${connector}`, { config: { base_url: moved } }));
    const after = (await read(through.approval_id)).drift;
    expect(after.before.connector.config).toEqual({ base_url: bench.stub.url });
    expect(after.after.connector.config).toEqual({ base_url: moved });
    expect({ ...after.before, connector: null }).toEqual({ ...after.after, connector: null });
  });

  test('several are denied with one reason, and one that is refused does not stop the others', async () => {
    const { ask } = await newAsker(['member']);
    const [first, second, third] = [await ask(), await ask(), await ask()];
    const item = ({ approval_id, payload_sha256 }: Body) => ({ id: approval_id, payload_sha256 });
    const items = [item(first), { ...item(second), payload_sha256: '0'.repeat(64) }, item(third)];
    const unknown = { id: 'apv_01h455vb4pex5vsknk084sn02q', payload_sha256: '0'.repeat(64) };
    const denied = await bench.people.member('POST', '/v1/approvals/deny', {
      items: [...items, unknown],
      reason: 'Too many',
    });
    expect(made(denied).items).toMatchObject([
      { id: first.approval_id, status: 'denied' },
      { id: second.approval_id, code: 'approval_hash_mismatch' },
      { id: third.approval_id, status: 'denied' },
      { id: unknown.id, code: 'approval_not_found' },
    ]);
    expect(await read(first.approval_id)).toMatchObject({ state: 'denied', decisions: [{ reason: 'Too many' }] });
    expect(await read(second.approval_id)).toMatchObject({ state: 'waiting' });
    const entries = await bench.entries({ resources: [second.approval_id, third.approval_id] });
    expect(entries.map(({ event_type }) => event_type)).toEqual(
      expect.arrayContaining(['request.refused', 'approval.denied']),
    );
  });

  test.each([
    ['without a reason', { reason: '' }],
    ['with nothing', { items: [] }],
    [
      'with one twice',
      { items: [1, 1].map(() => ({ id: 'apv_01h455vb4pex5vsknk084sn02q', payload_sha256: '0'.repeat(64) })) },
    ],
    [
      'with 51',
      { items: Array.from({ length: 51 }, () => ({ id: 'apv_01h455vb4pex5vsknk084sn02q', payload_sha256: 'x' })) },
    ],
    ['with a field more', { decision: 'granted' }],
  ])('denying %s is refused', async (_name, wrong) => {
    const items = [{ id: 'apv_01h455vb4pex5vsknk084sn02q', payload_sha256: '0'.repeat(64) }];
    const body = { items, reason: 'No', ...wrong };
    expect(await owner('POST', '/v1/approvals/deny', body)).toMatchObject({
      status: 422,
      body: { code: 'invalid_request' },
    });
  });
});
