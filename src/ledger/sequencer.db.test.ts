import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { engines } from '../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../test/support/store.ts';
import { seedWorkspace, type TestWorkspace } from '../../test/support/workspace.ts';
import { SYSTEM } from '../kernel/actor.ts';
import { StoreUnavailable } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import { audit } from './audit.ts';
import { Sequencer } from './sequencer.ts';

const log = pino({ level: 'silent' });

describe.each(engines)('the sequencer on %s', (engine) => {
  let opened: TestStore;
  let store: Store;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    opened = await openTestStore(engine);
    store = opened.store;
    workspace = await seedWorkspace(store);
    await new Sequencer(store, log).drain();
  });
  afterAll(() => opened?.close());
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const queue = (): Promise<void> =>
    store.withTenant(workspace.tenantId, (tx) =>
      audit(tx, {
        event_type: 'settings.updated',
        actor: SYSTEM,
        resource: { kind: 'workspace', id: workspace.id },
        outcome: 'updated',
      }),
    );
  const count = (table: 'audit_log' | 'audit_pending'): Promise<number> =>
    store.asSystem(async (db) => {
      const { total } = await db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<string>().as('total'))
        .executeTakeFirstOrThrow();
      return Number(total);
    });

  test('finds every entry after rounds that were not committed, however long that took', async () => {
    const sequencer = new Sequencer(store, log);
    const before = await count('audit_log');
    for (let entry = 0; entry < 3; entry += 1) await queue();
    const real = performance.now.bind(performance);
    let laterMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => real() + laterMs);
    const { asSystem } = store;
    const failing = vi.spyOn(store, 'asSystem').mockImplementation((work) =>
      asSystem.call(store, async (db) => {
        await work(db);
        throw new StoreUnavailable('The commit failed');
      }),
    );
    // Within the minute after which it looks from the start anyway.
    for (laterMs = 0; laterMs <= 52_000; laterMs += 13_000) await expect(sequencer.drain()).rejects.toThrow('commit');
    failing.mockRestore();
    expect(await sequencer.lagMs()).toBeGreaterThan(0);
    expect(await sequencer.drain()).toBe(3);
    expect(await count('audit_log')).toBe(before + 3);
    expect(await sequencer.lagMs()).toBe(0);
  });

  test('works soon after something was queued, and looks now and then when nothing was', async () => {
    const sequencer = new Sequencer(store, log);
    const rounds = vi.spyOn(store, 'asSystem');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    /** Lets the time pass and the round that was due in it, if any, end. */
    const pass = async (ms: number): Promise<void> => {
      vi.advanceTimersByTime(ms);
      const due = rounds.mock.results.length;
      await Promise.all(rounds.mock.results.map(({ value }) => value));
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(rounds.mock.results.length).toBe(due);
    };
    sequencer.start();
    await pass(250);
    rounds.mockClear();
    for (let passed = 0; passed < 20_000; passed += 250) await pass(250);
    expect(rounds.mock.results.length).toBeLessThanOrEqual(10);
    expect(rounds.mock.results.length).toBeGreaterThanOrEqual(8);

    rounds.mockClear();
    await queue();
    await pass(200);
    expect(rounds.mock.results.length).toBe(1);
    vi.useRealTimers();
    await sequencer.stop();
    expect(await count('audit_pending')).toBe(0);
  });
});
