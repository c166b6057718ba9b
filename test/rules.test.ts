import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../src/kernel/hash.ts';
import { engines } from './support/engines.ts';
import { type BenchClient, type BenchTool, made, openWorkbench, type Workbench } from './support/workbench.ts';

/** Rules of grants over the API, from being written to what is signed. What a call comes to is in test/cases/rules.yaml. */

const GATEWAY = '/api/agent/gateway';

describe.each(engines)('rules on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  const refunds = { name: 'Refunds', when: 'args.text.contains("refund")', policy: 'approve-dual' };
  const night = { name: 'At night', when: 'now.getHours("Europe/Berlin") < 0', policy: 'approve-dual' };

  async function granted(policy: 'auto' | 'approve' = 'approve', more: object = {}) {
    const [client, tool] = [await bench.newClient(), await bench.newTool()];
    const id = await bench.newGrant(client.id, tool.name, policy, [], more);
    return { client, tool, path: `/v1/clients/${client.id}/grants/${id}`, id };
  }
  const call = (client: BenchClient, tool: BenchTool, more: object = {}, headers: Record<string, string> = {}) =>
    client.send('POST', GATEWAY, { tool: tool.name, arguments: { text: 'A refund' }, ...more }, headers);

  test('rules are kept in their order with ids of their own, and the log says what they were', async () => {
    const { path, id, client } = await granted();
    const { admin } = bench.people;
    const first = await admin('PATCH', path, { rules: [refunds, night] }, { 'if-match': '"1"' });
    expect(made(first).rules).toEqual([
      { id: expect.stringMatching(/^rul_/), ...refunds },
      { id: expect.stringMatching(/^rul_/), ...night },
    ]);
    expect(first.headers.get('etag')).toBe('"2"');
    const [a, b] = first.body.rules;
    const second = made(await admin('PATCH', path, { rules: [b, { ...a, policy: 'approve' }] }));
    expect(second.rules).toEqual([b, { ...a, policy: 'approve' }]);
    expect(second.updated_by).toBe(bench.userIds.admin);
    const list = made(await admin('GET', `/v1/clients/${client.id}/grants`));
    expect(list.items[0].rules).toEqual(second.rules);
    // What is not mentioned stays.
    expect(made(await admin('PATCH', path, { justification_required: true }))).toMatchObject({
      rules: second.rules,
      justification_required: true,
    });
    expect(await admin('PATCH', path, { rules: [] }, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    const entries = await bench.entries({ resources: [id] });
    expect(entries.at(-2)).toMatchObject({
      event_type: 'policy.updated',
      before_state: { rules: [a, b] },
      after_state: { rules: second.rules },
    });
  });

  test('a condition that does not fit the tool is refused with its field, line and column, and nothing is changed', async () => {
    const { path, client, tool } = await granted();
    const { owner } = bench.people;
    const refused = await owner('PATCH', path, {
      policy: 'auto',
      rules: [refunds, { ...night, when: 'true &&\n  args.txet == "x"' }],
    });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'invalid_request',
        errors: [
          {
            field: 'rules.1.when',
            line: 2,
            column: 8,
            names: 'args.txet',
            message: expect.stringContaining('line 2, column 8'),
          },
        ],
      },
    });
    const { items } = made(await owner('GET', `/v1/clients/${client.id}/grants`));
    expect(items[0]).toMatchObject({ policy: 'approve', rules: [], version: 1 });
    const other = await bench.newClient();
    const fresh = { tool: tool.name, policy: 'approve', rules: [{ ...refunds, when: 'args.text > 5' }] };
    expect(await owner('POST', `/v1/clients/${other.id}/grants`, fresh)).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'rules.0.when', line: 1, column: 1 }] },
    });
  });

  test.each([
    ['a name twice', [{ ...refunds }, { ...refunds }], 'rules.1.name'],
    ['no name', [{ ...refunds, name: ' ' }], 'rules.0.name'],
    ['a control character in a name', [{ ...refunds, name: 'a\u0007' }], 'rules.0.name'],
    ['no condition', [{ ...refunds, when: '' }], 'rules.0.when'],
    ['a policy that raises nothing', [{ ...refunds, policy: 'auto' }], 'rules.0.policy'],
    ['an id of another grant', [{ ...refunds, id: 'rul_01h455vb4pex5vsknk084sn02q' }], 'rules.0.id'],
    ['a member that is none', [{ ...refunds, unless: 'true' }], 'rules.0'],
    ['too many', Array.from({ length: 51 }, (_, at) => ({ ...refunds, name: String(at) })), 'rules'],
    ['a condition that is too long', [{ ...refunds, when: `true ${' '.repeat(2_000)}` }], 'rules.0.when'],
    [
      'too much together',
      Array.from({ length: 12 }, (_, at) => ({ ...refunds, name: String(at), when: `true ${' '.repeat(1_900)}` })),
      'rules',
    ],
    ['no list', 'args.text', 'rules'],
  ])('%s is refused by name', async (_name, rules, field) => {
    const { path } = await granted();
    const reply = await bench.people.owner('PATCH', path, { rules });
    expect(reply.status).toBe(422);
    expect(reply.body.errors[0].field).toMatch(new RegExp(`^${field.replaceAll('.', '\\.')}`));
  });

  test('rules are tried before they are kept', async () => {
    const { tool } = await granted();
    const check = (body: object) => bench.people.admin('POST', `/v1/tools/${tool.id}/check-rules`, body);
    expect(made(await check({ rules: [refunds], arguments: { text: 'A refund' } }))).toEqual({
      errors: [],
      wrong_arguments: [],
      said: { policy: 'approve-dual', rule: 'Refunds', fault: null },
      fields: [{ path: 'args.text', type: 'string' }],
    });
    expect(
      made(await check({ rules: [refunds], policy: 'approve-dual', arguments: { text: 'A refund' } })).said,
    ).toEqual({
      policy: 'approve-dual',
      rule: null,
      fault: null,
    });
    const bad = [
      { ...refunds, when: 'int(args.text) > 5' },
      { ...night, when: 'args.x' },
    ];
    expect(made(await check({ rules: bad, arguments: { text: 5 } }))).toMatchObject({
      errors: [{ rule: 1, member: 'when', line: 1, column: 6, field: 'args.x' }],
      wrong_arguments: [{ path: '$.text' }],
      said: null,
    });
    expect(made(await check({ rules: bad.slice(0, 1), arguments: { text: 'five' } })).said).toEqual({
      policy: 'approve-dual',
      rule: 'Refunds',
      fault: 'int() of a text that is no whole number',
    });
    expect((await bench.people.member('POST', `/v1/tools/${tool.id}/check-rules`, { rules: [] })).status).toBe(403);
  });

  test('the rule and the reason are in the bytes that are signed, and the upstream gets neither', async () => {
    const { client, tool } = await granted('auto', { rules: [refunds] });
    const why = 'The customer of A-1042 asked for it.\nAnd \u200bagain.';
    const held = made(await call(client, tool, { justification: why, execute_on_approval: true }));
    const seen = made(await bench.people.admin('GET', `/v1/approvals/${held.approval_id}`));
    expect(seen).toMatchObject({
      policy: 'approve-dual',
      policy_rule: 'Refunds',
      policy_fault: null,
      justification: why,
      // The character that cannot be seen is in the reason.
      suspicious: true,
    });
    expect(JSON.parse(seen.envelope)).toMatchObject({ policy_rule: 'Refunds', justification: why });
    expect(sha256Hex(seen.envelope)).toBe(held.payload_sha256);
    for (const by of ['admin', 'second_admin'] as const) {
      const decision = { decision: 'granted', payload_sha256: held.payload_sha256 };
      made(await bench.people[by]('POST', `/v1/approvals/${held.approval_id}/decisions`, decision));
    }
    await expect
      .poll(async () => made(await client.send('GET', `/v1/executions/${held.execution_id}`)).status)
      .toBe('executed');
    const [arrival] = bench.stub.arrivals.filter(({ key }) => key === held.execution_id);
    expect(arrival!.body).toBe('{"text":"A refund"}');
    const entries = JSON.stringify(await bench.entries({ resources: [held.approval_id, held.execution_id] }));
    expect(entries).toContain('Refunds');
    expect(entries).not.toContain('A-1042');
  });

  test('what a rule has raised can be decided, and cannot any more once the rule is another', async () => {
    const { client, tool, path } = await granted('approve', { rules: [refunds] });
    const { admin } = bench.people;
    const held = made(await call(client, tool));
    const seen = async () => made(await admin('GET', `/v1/approvals/${held.approval_id}`));
    const isListed = async () => {
      const { items } = made(await admin('GET', `/v1/approvals?status=pending&decidable=true&tool=${tool.name}`));
      return items.length === 1;
    };
    expect(await seen()).toMatchObject({ obstacle: null, may_decide: true });
    expect(await isListed()).toBe(true);
    const { rules } = made(await bench.people.owner('PATCH', path, { approver_user_ids: [] }));
    expect(await seen()).toMatchObject({ obstacle: null });
    for (const change of [
      { rules: [] },
      { rules: [{ ...refunds, name: 'Renamed' }] },
      { rules: [{ ...refunds, policy: 'approve' }] },
      { rules: [refunds], policy: 'approve-dual' },
    ]) {
      made(await bench.people.owner('PATCH', path, change));
      expect(await seen(), JSON.stringify(change)).toMatchObject({ obstacle: { code: 'policy_changed' } });
      expect(await isListed()).toBe(false);
    }
    made(
      await bench.people.owner('PATCH', path, {
        policy: 'approve',
        rules: rules.map(({ id: _, ...rest }: { id: string }) => rest),
      }),
    );
    expect(await seen()).toMatchObject({ obstacle: null });
  });

  test('a reason is text for people', async () => {
    const { client, tool } = await granted();
    for (const justification of ['', '  ', 'a\u0007b', 'x'.repeat(2_001), 7, null]) {
      expect(await call(client, tool, { justification })).toMatchObject({
        status: 400,
        body: { code: 'invalid_payload', detail: expect.stringContaining('$.justification') },
      });
    }
    expect((await call(client, tool, { dry_run: 'yes' })).body.detail).toContain('$.dry_run');
  });

  test('another reason under the same Idempotency-Key is another request', async () => {
    const { client, tool } = await granted('auto');
    const key = { 'idempotency-key': 'one' };
    made(await call(client, tool, { justification: 'a' }, key));
    expect(made(await call(client, tool, { justification: 'a' }, key)).status).toBe('executed');
    expect(await call(client, tool, { justification: 'b' }, key)).toMatchObject({
      body: { code: 'idempotency_mismatch' },
    });
  });

  test('a dry run uses nothing up but its place within the limit', async () => {
    const [client, tool] = [await bench.newClient({ rpm_limit: 3 }), await bench.newTool()];
    await bench.newGrant(client.id, tool.name, 'approve');
    const key = { 'idempotency-key': 'dry' };
    expect(made(await call(client, tool, { dry_run: true }, key))).toMatchObject({ ruling: 'approval' });
    const held = await call(client, tool, { arguments: { text: 'Something else' } }, key);
    expect(held.status).toBe(202);
    const dry = { dry_run: true, arguments: { text: 'Something else' }, approval_id: held.body.approval_id };
    expect(made(await call(client, tool, dry))).toMatchObject({
      ruling: 'refused',
      refusal: { code: 'approval_pending', approval_id: held.body.approval_id },
    });
    expect((await call(client, tool, { dry_run: true })).body.code).toBe('rate_limited');
    const entries = (await bench.entries({ actor: client.id })).filter(
      ({ event_type }) => event_type === 'execution.dry_run',
    );
    expect(entries.map(({ resource, outcome }) => [resource, outcome])).toEqual([
      [{ kind: 'tool', id: tool.id }, 'hold'],
      [{ kind: 'tool', id: tool.id }, 'deny'],
    ]);
  });

  test('a tool that is changed under a rule asks for two people until the rule is written anew', async () => {
    const { client, tool } = await granted('auto', { rules: [{ ...refunds, policy: 'approve' }] });
    const schema = { type: 'object', required: ['message'], properties: { message: { type: 'string' } } };
    made(await bench.people.owner('PATCH', `/v1/tools/${tool.id}`, { input_schema: schema }));
    const held = made(await call(client, tool, { arguments: { message: 'Hello' } }));
    expect(held).toMatchObject({ status: 'pending_approval', policy: 'approve-dual' });
    const seen = made(await bench.people.admin('GET', `/v1/approvals/${held.approval_id}`));
    expect(seen.policy_fault).toContain('does not fit the tool any more');
  });
});
