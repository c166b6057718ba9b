import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { engines } from './support/engines.ts';
import { type Gate, startGate } from './support/gate.ts';

const SECONDS = 10;
const TRANSACTIONS_A_SECOND = 2;

describe.each(engines)('a gate on %s that nobody calls', (engine) => {
  let gate: Gate;
  beforeAll(async () => {
    gate = await startGate(engine);
  });
  afterAll(() => gate?.close());

  test('asks its database at most twice a second', async () => {
    // The demo's approvals are told of once, after the start.
    const { store, sequencer } = gate.running.app;
    const isTold = (): Promise<boolean> =>
      store.withTenant(gate.tenantId, async ({ db, at }) => {
        const due = await db
          .selectFrom('approvals')
          .select('id')
          .where('status', '=', 'pending')
          .where('next_notice_at', '<=', at);
        return (await due.execute()).length === 0;
      });
    await expect.poll(isTold).toBe(true);
    await sequencer.drain();
    const asked = vi.spyOn(store.engine.pool, 'connect');
    await sleep(SECONDS * 1_000);
    expect(asked.mock.calls.length).toBeGreaterThan(0);
    expect(asked.mock.calls.length).toBeLessThanOrEqual(SECONDS * TRANSACTIONS_A_SECOND);
  });

  test('still has every entry in its chain, without anybody asking for it', async () => {
    const { store } = gate.running.app;
    const reply = await gate.client()('POST', '/api/agent/gateway', {
      tool: 'help.search',
      arguments: { q: 'refund' },
    });
    expect(reply.status).toBe(200);
    const left = async (): Promise<number> =>
      store.asSystem(async (db) => {
        const flushes = await db.selectFrom('gateway_queue').select('id').execute();
        const changes = await db.selectFrom('audit_pending').select('id').execute();
        return flushes.length + changes.length;
      });
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 10_000, interval: 50 });
  });
});
