import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import { type Gate, startGate } from './support/gate.ts';

const SOON = { timeout: 20_000 };
const MAIL = { to: ['a@example.com'], subject: 'Hello', body: 'One mail, once.' };
const REFUND = { order_id: 'A-1', amount: 100, currency: 'EUR', reason: 'Test' };

describe.each(engines)('the main job on %s', (engine) => {
  let gate: Gate;
  beforeAll(async () => {
    gate = await startGate(engine);
  });
  afterAll(() => gate?.close());

  test('an auto call runs at once and is in the audit chain', async () => {
    const call = await gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'refund' } });
    expect(call.status).toBe(200);
    expect(call.body).toMatchObject({ status: 'executed', result: { query: 'refund' } });
    await gate.sequenced();
    const owner = await gate.person('owner');
    const { body } = await owner('GET', `/v1/audit?resource=${call.body.execution_id}`);
    expect(body.items.map((link: { entry: { event_type: string } }) => link.entry.event_type)).toEqual([
      'execution.executed',
      'execution.started',
    ]);
  });

  test('an approved call runs once, with the bytes that were approved', async () => {
    const agent = gate.client();
    const held = await agent('POST', '/api/agent/gateway', { tool: 'email.send', arguments: MAIL });
    expect(held.status).toBe(202);
    expect(held.headers.get('location')).toBe(`/v1/approvals/${held.body.approval_id}`);
    const { approval_id, payload_sha256 } = held.body;
    const again = { tool: 'email.send', arguments: MAIL, approval_id };
    expect((await agent('POST', '/api/agent/gateway', again)).body.code).toBe('approval_pending');

    const admin = await gate.person('admin');
    const decided = await admin('POST', `/v1/approvals/${approval_id}/decisions`, {
      decision: 'granted',
      payload_sha256,
    });
    expect(decided.body).toEqual({ status: 'approved', votes: 1, votes_needed: 1 });

    const changed = { ...again, arguments: { ...MAIL, body: 'Other bytes' } };
    expect((await agent('POST', '/api/agent/gateway', changed)).body.code).toBe('approval_hash_mismatch');

    const before = gate.upstream.state.outbox.length;
    const ran = await agent('POST', '/api/agent/gateway', again);
    expect(ran.body).toMatchObject({ status: 'executed', execution_id: held.body.execution_id });
    expect(gate.upstream.state.outbox.length).toBe(before + 1);
    expect((await agent('POST', '/api/agent/gateway', again)).body.code).toBe('approval_consumed');
    expect(gate.upstream.state.outbox.length).toBe(before + 1);
  });

  test('a dual approval needs two distinct people, and the requester counts as neither', async () => {
    const held = await gate.client()('POST', '/api/agent/gateway', {
      tool: 'refunds.create',
      arguments: REFUND,
      execute_on_approval: true,
    });
    const { approval_id, payload_sha256, execution_id } = held.body;
    const decision = { decision: 'granted', payload_sha256 };
    const path = `/v1/approvals/${approval_id}/decisions`;
    const owner = await gate.person('owner');
    expect((await owner('POST', path, decision)).body.code).toBe('self_approval');
    const first = await gate.person('admin');
    expect((await first('POST', path, decision)).body).toMatchObject({ status: 'pending', votes: 1, votes_needed: 2 });
    expect((await first('POST', path, decision)).body.code).toBe('duplicate_approver');
    const second = await gate.person('admin', 1);
    const waiting = gate.upstream.state.refunds.length;
    expect((await second('POST', path, decision)).body).toMatchObject({ status: 'approved' });
    await expect
      .poll(async () => (await owner('GET', `/v1/executions/${execution_id}`)).body.status, SOON)
      .toBe('executed');
    expect(gate.upstream.state.refunds.length).toBe(waiting + 1);
  });

  test('Prefer: wait answers with the outcome once people have decided', async () => {
    const admin = await gate.person('admin');
    const newest = async () => (await admin('GET', '/v1/approvals?status=pending&limit=1')).body.items[0];
    const before = await newest();
    const asked = gate.client()(
      'POST',
      '/api/agent/gateway',
      { tool: 'email.send', arguments: MAIL },
      { prefer: 'wait=25' },
    );
    await expect.poll(async () => (await newest()).id, SOON).not.toBe(before.id);
    const held = await newest();
    await admin('POST', `/v1/approvals/${held.id}/decisions`, {
      decision: 'granted',
      payload_sha256: held.payload_sha256,
    });
    expect((await asked).body).toMatchObject({ status: 'executed', execution_id: held.execution.id });
  });

  test('a denial needs a reason and ends the call', async () => {
    const held = await gate.client()('POST', '/api/agent/gateway', { tool: 'email.send', arguments: MAIL });
    const { approval_id, payload_sha256 } = held.body;
    const admin = await gate.person('admin');
    const path = `/v1/approvals/${approval_id}/decisions`;
    const silent = await admin('POST', path, { decision: 'denied', payload_sha256 });
    expect(silent.status).toBe(422);
    expect(silent.body.errors[0].field).toBe('reason');
    expect((await admin('POST', path, { decision: 'denied', reason: 'No', payload_sha256 })).body.status).toBe(
      'denied',
    );
    const again = await gate.client()('POST', '/api/agent/gateway', {
      tool: 'email.send',
      arguments: MAIL,
      approval_id,
    });
    expect(again.body.code).toBe('approval_denied');
  });

  test('a decision on another hash than the pinned one changes nothing', async () => {
    const held = await gate.client()('POST', '/api/agent/gateway', { tool: 'email.send', arguments: MAIL });
    const admin = await gate.person('admin');
    const reply = await admin('POST', `/v1/approvals/${held.body.approval_id}/decisions`, {
      decision: 'granted',
      payload_sha256: '0'.repeat(64),
    });
    expect([reply.status, reply.body.code]).toEqual([409, 'approval_hash_mismatch']);
    expect((await admin('GET', `/v1/approvals/${held.body.approval_id}`)).body).toMatchObject({
      status: 'pending',
      votes: 0,
    });
  });

  test('an Idempotency-Key answers the first answer again, and refuses another body', async () => {
    const agent = gate.client();
    const key = { 'idempotency-key': 'key-1' };
    const first = await agent('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'order' } }, key);
    const second = await agent('POST', '/api/agent/gateway', { arguments: { q: 'order' }, tool: 'help.search' }, key);
    expect(second.body).toEqual(first.body);
    const other = await agent('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'other' } }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_mismatch']);
  });

  test('the chain verifies, and a tampered row is found and named', async () => {
    await gate.sequenced();
    const owner = await gate.person('owner');
    const intact = await owner('POST', '/v1/audit/verify');
    expect(intact.body).toMatchObject({ ok: true });
    expect(intact.body.checked).toBeGreaterThan(20);
    const { store } = gate.running.app;
    const client = await store.engine.pool.connect();
    try {
      // Only whoever owns the database can do this: the runtime role may not.
      await client.query('set role none');
      await client.query('alter table audit_log no force row level security');
      await client.query(
        "update audit_log set entry = replace(entry, 'running', 'RUNNING') where tenant_id = $1 and seq = 20",
        [gate.tenantId],
      );
      await client.query(
        'update audit_log set entry = replace(entry, \'"outcome"\', \'"Outcome"\') where tenant_id = $1 and seq = 20',
        [gate.tenantId],
      );
    } finally {
      await client.query('set role countersign_app');
      client.release();
    }
    const broken = await owner('POST', '/v1/audit/verify');
    expect(broken.body).toMatchObject({ ok: false, fault: { seq: 20 } });
  });
});
