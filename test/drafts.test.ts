import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { purgeDrafts } from '../src/governance/drafts/purge.ts';
import { expireBreakGlass } from '../src/governance/kill-switches/break-glass.ts';
import { engines } from './support/engines.ts';
import { type BenchClient, type BenchTool, made, openWorkbench, type Workbench } from './support/workbench.ts';

describe.each(engines)('drafts and break-glass on %s', (engine) => {
  let bench: Workbench;
  let client: BenchClient;
  let tool: BenchTool;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
    [client, tool] = [await bench.newClient({ draft_only: true }), await bench.newTool()];
    await bench.newGrant(client.id, tool.name, 'approve');
  });
  afterAll(() => bench?.close());

  const drafted = async (text = 'Hello', by = client): Promise<string> =>
    made(await by.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text } })).draft_id;
  const seen = async (id: string) => made(await bench.people.member('GET', `/v1/drafts/${id}`));

  test('what a member publishes waits for another, and runs once they have granted it', async () => {
    const id = await drafted();
    const called = bench.stub.arrivals.length;
    const held = made(await bench.people.member('POST', `/v1/drafts/${id}/publish`));
    expect(held).toMatchObject({ status: 'pending_approval' });
    expect(await seen(id)).toMatchObject({ status: 'published', execution_id: held.execution_id });
    const vote = { decision: 'granted', payload_sha256: held.payload_sha256 };
    made(await bench.people.admin('POST', `/v1/approvals/${held.approval_id}/decisions`, vote));
    await expect
      .poll(async () => made(await bench.people.owner('GET', `/v1/executions/${held.execution_id}`)))
      .toMatchObject({ status: 'executed', via: 'draft', principal: { kind: 'member', id: bench.userIds.member } });
    expect(bench.stub.arrivals).toHaveLength(called + 1);
  });

  test('rules see the labels that the agent had read by the time it drafted', async () => {
    const own = await bench.newClient({ draft_only: true });
    const mail = await bench.newTool('/ok', { effect: 'read', labels: ['untrusted'] });
    const pay = await bench.newTool();
    await bench.newGrant(own.id, mail.name, 'auto');
    const grantId = await bench.newGrant(own.id, pay.name, 'auto');
    const rules = [{ name: 'what it read', when: "'untrusted' in run.labels", policy: 'approve-dual' }];
    made(await bench.people.owner('PATCH', `/v1/clients/${own.id}/grants/${grantId}`, { rules }));
    const ask = async (tool: BenchTool) =>
      made(await own.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text: 'x' } }));
    const clean = await ask(pay);
    expect((await ask(mail)).status).toBe('executed');
    const drafted = await ask(pay);
    const publish = async (id: string) => made(await bench.people.member('POST', `/v1/drafts/${id}/publish`));
    expect(await publish(drafted.draft_id)).toMatchObject({ status: 'pending_approval', policy: 'approve-dual' });
    // What was drafted before it had read anything is as it was.
    expect((await publish(clean.draft_id)).status).toBe('executed');
  });

  test('of two who publish at once, one does', async () => {
    const own = await bench.newClient({ draft_only: true });
    await bench.newGrant(own.id, tool.name, 'auto');
    for (let nth = 0; nth < 5; nth += 1) {
      const called = bench.stub.arrivals.length;
      const id = await drafted('once', own);
      const answers = await Promise.all(
        (['member', 'admin', 'owner'] as const).map((by) => bench.people[by]('POST', `/v1/drafts/${id}/publish`)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
      expect(bench.stub.arrivals).toHaveLength(called + 1);
      const entries = await bench.entries({ resources: [id] });
      expect(entries.map(({ event_type }) => event_type)).toEqual(['draft.created', 'draft.published']);
    }
  });

  test('an edit is seen by everybody, says who, and keeps what was written out of the log', async () => {
    const id = await drafted('before');
    const { member, viewer } = bench.people;
    const body = { arguments: { text: 'a secret of somebody' } };
    expect(made(await member('PATCH', `/v1/drafts/${id}`, body, { 'if-match': '"1"' }))).toMatchObject({
      version: 2,
      edited_by: bench.userIds.member,
      arguments: body.arguments,
    });
    expect((await member('PATCH', `/v1/drafts/${id}`, body, { 'if-match': '"1"' })).status).toBe(412);
    expect((await viewer('PATCH', `/v1/drafts/${id}`, body)).status).toBe(403);
    expect((await member('PATCH', `/v1/drafts/${id}`, { arguments: {} })).body.errors).toHaveLength(1);
    expect((await member('PATCH', `/v1/drafts/${id}`, { arguments: 'x' })).body.errors[0].field).toBe('arguments');
    const entries = await bench.entries({ resources: [id] });
    expect(JSON.stringify(entries)).not.toContain('somebody');
    expect(entries.find(({ event_type }) => event_type === 'draft.edited')).toMatchObject({
      before_state: { arguments_sha256: expect.any(String) },
      after_state: { arguments_sha256: expect.any(String) },
    });
  });

  test('a client sees its own drafts and nobody else changes theirs with a token', async () => {
    const other = await bench.newClient();
    const id = await drafted();
    expect(made(await client.send('GET', `/v1/drafts/${id}`)).id).toBe(id);
    expect((await other.send('GET', `/v1/drafts/${id}`)).status).toBe(404);
    expect(made(await other.send('GET', '/v1/drafts')).items).toEqual([]);
    for (const [method, path] of [
      ['POST', '/publish'],
      ['DELETE', ''],
    ] as const) {
      expect((await client.send(method, `/v1/drafts/${id}${path}`)).status).toBe(403);
    }
  });

  test('drafts of thirty days are removed, those that were open with an entry', async () => {
    const [open, ended, young] = [await drafted(), await drafted(), await drafted()];
    expect((await bench.people.member('DELETE', `/v1/drafts/${ended}?reason=Wrong`)).status).toBe(204);
    const old = "created_at = clock_timestamp() - interval '30 days'";
    await bench.sql(`update drafts set ${old} where id = any($1)`, [[open, ended]]);
    expect(await purgeDrafts(bench.gate.running.app.store)).toBe(false);
    expect((await bench.people.member('GET', `/v1/drafts/${open}`)).status).toBe(404);
    expect((await seen(young)).status).toBe('open');
    const last = async (id: string) => (await bench.entries({ resources: [id] })).at(-1);
    expect(await last(open)).toMatchObject({ event_type: 'draft.discarded', actor: { kind: 'system' } });
    expect(await last(ended)).toMatchObject({ event_type: 'draft.discarded', data: { reason: 'Wrong' } });
  });

  test('a workspace has room for so many open drafts, and says so', async () => {
    await bench.sql(
      `insert into drafts (tenant_id, id, client_id, tool_id, tool_name, effect, arguments, summary, suspicious, run_labels, via)
       select $1, 'drf_filler' || n, $2, $3, 'x', 'write', '{}', 'x', false, '{}', 'rest' from generate_series(1, 10000) n`,
      [bench.gate.tenantId, client.id, tool.id],
    );
    const ask = (headers: Record<string, string> = {}) =>
      client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text: 'x' } }, headers);
    expect((await ask({ 'idempotency-key': 'full' })).body).toMatchObject({ code: 'drafts_full', status: 409 });
    await bench.sql("delete from drafts where id like 'drf_filler%'");
    // The key is not taken by what was not stored.
    expect(made(await ask({ 'idempotency-key': 'full' })).status).toBe('draft');
  });

  test('break-glass is an owner’s, for a time, with a reason, and the log says when it ended', async () => {
    const { owner, admin } = bench.people;
    const target = await bench.newClient();
    const flip = { scope: 'client', id: target.id, reason: 'An incident' };
    const { id } = made(await owner('POST', '/v1/kill-switches', flip));
    const path = `/v1/kill-switches/${id}/break-glass`;
    expect((await admin('POST', path, { minutes: 5, reason: 'Now' })).status).toBe(403);
    for (const wrong of [{ minutes: 0, reason: 'x' }, { minutes: 241, reason: 'x' }, { minutes: 5 }, { reason: 'x' }]) {
      expect((await owner('POST', path, wrong)).status).toBe(422);
    }
    const lifted = made(await owner('POST', path, { minutes: 5, reason: 'A payment has to go out' }));
    expect(lifted).toMatchObject({ status: 'on', break_glass: { by: bench.userIds.owner } });
    expect((await owner('POST', path, { minutes: 5, reason: 'Again' })).body.code).toBe('conflict');
    expect(made(await admin('DELETE', path))).toMatchObject({ status: 'on', break_glass: null });
    expect((await admin('DELETE', path)).body.code).toBe('conflict');

    made(await owner('POST', path, { minutes: 1, reason: 'Once more' }));
    await bench.sql("update kill_switches set glass_until = clock_timestamp() - interval '1 second' where id = $1", [
      id,
    ]);
    expect(made(await owner('GET', '/v1/kill-switches?status=on')).items[0]).toMatchObject({ break_glass: null });
    await expireBreakGlass(bench.gate.running.app.store);
    const entries = (await bench.entries({ resources: [id] })).filter((one) => one.event_type !== 'request.refused');
    expect(entries.map(({ event_type, actor }) => [event_type, actor.kind])).toEqual([
      ['kill_switch.flipped', 'member'],
      ['kill_switch.break_glass', 'member'],
      ['kill_switch.break_glass_ended', 'member'],
      ['kill_switch.break_glass', 'member'],
      ['kill_switch.break_glass_ended', 'system'],
    ]);
    made(await owner('DELETE', `/v1/kill-switches/${id}`));
    expect((await owner('POST', path, { minutes: 5, reason: 'Too late' })).body.code).toBe('conflict');
  });
});
