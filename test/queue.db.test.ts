import fc from 'fast-check';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markUnknown } from '../src/gateway/waiting/unknown.ts';
import { newId } from '../src/kernel/ids.ts';
import { auditRow } from '../src/ledger/audit.ts';
import { Sequencer } from '../src/ledger/sequencer.ts';
import { verifyChain } from '../src/ledger/verify.ts';
import { StoreUnavailable } from '../src/store/fault.ts';
import type { CommonColumns, EventRow, Written } from '../src/store/flush/rows.ts';
import { engines } from './support/engines.ts';
import { openTestStore, type TestStore } from './support/store.ts';
import { seedWorkspace, type TestWorkspace } from './support/workspace.ts';

type Round = { moved: number; more: boolean };
type Ended = 'executed' | 'failed' | 'unknown';
type Call = {
  status: string;
  step: string | null;
  started_at: Date | null;
  finished_at: Date | null;
  arguments: string | null;
  result: string | null;
  error: string | null;
};

const NOTHING_SAID = {
  payload_sha256: null,
  approval_id: null,
  request_id: null,
  step: null,
  code: null,
  detail: null,
};

const said = (written: Promise<Written>): Promise<string> => written.then((one) => (one.ok ? 'ok' : one.why));

describe.each(engines)('the queue on %s', (engine) => {
  let opened: TestStore;
  let workspace: TestWorkspace;
  let sequencer: Sequencer;
  beforeAll(async () => {
    opened = await openTestStore(engine);
    workspace = await seedWorkspace(opened.store);
    sequencer = new Sequencer(opened.store, pino({ level: 'silent' }));
  });
  afterAll(() => opened?.close());

  const actor = { kind: 'client', id: newId('icl') } as const;

  /** Queues an event of a call. `changes` are made to what it shares with others. */
  async function queue(
    id: string,
    outcome: 'running' | 'denied' | Ended,
    changes: Partial<Extract<CommonColumns, { records: 'call' }>> = {},
    where = workspace,
    body = `"${outcome}"`,
  ): Promise<string> {
    const event_type = outcome === 'running' ? 'execution.started' : (`execution.${outcome}` as const);
    const resource = { kind: 'execution', id };
    const entry = auditRow(where.id as never, opened.store.clock.now(), actor, { event_type, resource, outcome });
    const always = {
      tenant: where.tenantId,
      event_type,
      outcome,
      actor_kind: actor.kind,
      actor_id: actor.id,
      resource_kind: 'execution',
    };
    const isCall = outcome === 'running' || outcome === 'denied';
    const call = {
      version: await versionOf(where),
      not_after: null,
      timeout_ms: 60_000,
      token_id: null,
      tool_id: null,
      via: 'rest' as const,
    };
    const common: CommonColumns = isCall
      ? { ...always, ...call, tool_name: 'mail.send', effect: 'send', policy: 'auto', ...changes, records: 'call' }
      : { ...always, records: 'outcome' };
    const { at, resource_id, entry: text } = entry;
    const row: EventRow = { common, at, resource_id, entry: text, ...NOTHING_SAID, body };
    return said(opened.store.write({ tenantId: where.tenantId, events: [row] }));
  }

  async function versionOf({ tenantId }: TestWorkspace): Promise<number> {
    const { facts_version } = await opened.store.withTenant(tenantId, ({ db }) =>
      db.selectFrom('workspaces').select('facts_version').where('tenant_id', '=', tenantId).executeTakeFirstOrThrow(),
    );
    return Number(facts_version);
  }

  const read = (id: string, { tenantId } = workspace): Promise<Call | undefined> =>
    opened.store.withTenant(tenantId, ({ db }) =>
      db
        .selectFrom('agent_execution_logs')
        .select(['status', 'step', 'started_at', 'finished_at', 'arguments', 'result', 'error'])
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst(),
    );
  const eventsOf = async (id: string): Promise<string[]> => {
    const rows = await opened.store.withTenant(workspace.tenantId, ({ db }) =>
      db.selectFrom('audit_log').select('event_type').where('resource_id', '=', id).orderBy('seq').execute(),
    );
    return rows.map(({ event_type }) => event_type);
  };

  test('a call and its outcome of one round are one row, two entries, and what was sent and came back', async () => {
    const id = newId('exe');
    expect(await queue(id, 'running')).toBe('ok');
    expect(await queue(id, 'executed')).toBe('ok');
    expect(await read(id)).toBeUndefined();
    await sequencer.settle();
    const row = await read(id);
    expect(row).toMatchObject({ status: 'executed', arguments: '"running"', result: '"executed"', error: null });
    expect(row!.finished_at!.getTime()).toBeGreaterThanOrEqual(row!.started_at!.getTime());
    expect(await eventsOf(id)).toEqual(['execution.started', 'execution.executed']);
  });

  test('an outcome of a later round settles the call; a denied call never started', async () => {
    const [id, denied] = [newId('exe'), newId('exe')];
    await queue(id, 'running');
    await queue(denied, 'denied');
    await sequencer.settle();
    expect(await read(id)).toMatchObject({ status: 'running', finished_at: null });
    expect(await read(denied)).toMatchObject({ status: 'denied', started_at: null, finished_at: expect.any(Date) });
    await queue(id, 'failed');
    await sequencer.settle();
    expect(await read(id)).toMatchObject({
      status: 'failed',
      finished_at: expect.any(Date),
      error: '"failed"',
      result: null,
    });
  });

  test('whatever was decided on other facts or after its end is not written', async () => {
    const stale = newId('exe');
    expect(await queue(stale, 'running', { version: 1_000_000 })).toBe('stale');
    expect(await queue(stale, 'running', { not_after: new Date(Date.now() - 60_000) })).toBe('stale');
    expect(await queue(stale, 'running', { not_after: new Date(Date.now() + 3_600_000) })).toBe('ok');
    await sequencer.settle();
    expect(await eventsOf(stale)).toEqual(['execution.started']);
  });

  test('what is refused of a flush takes nothing with it', async () => {
    const ids = Array.from({ length: 6 }, () => newId('exe'));
    const version = 1_000_000;
    const kinds = ['running', 'denied', 'running', 'executed', 'running', 'running'] as const;
    const queued = await Promise.all(
      kinds.map((kind, at) => queue(ids[at]!, kind, at === 0 || at === 4 ? { version } : {})),
    );
    expect(queued).toEqual(['stale', 'ok', 'ok', 'ok', 'stale', 'ok']);
    await sequencer.settle();
    const listed = await Promise.all(ids.map((id) => read(id)));
    expect(listed.map((call) => call?.arguments ?? null)).toEqual([
      null,
      '"denied"',
      '"running"',
      null,
      null,
      '"running"',
    ]);
    expect(await Promise.all(ids.map(async (id) => (await eventsOf(id)).length))).toEqual([0, 1, 1, 1, 0, 1]);
  });

  if (engine === 'postgres') {
    test('a call of a workspace that is being changed waits for it, and another workspace’s does not', async () => {
      const other = await seedWorkspace(opened.store);
      const [busy, free] = [newId('exe'), newId('exe')];
      const version = await versionOf(workspace);
      const { waiting } = await opened.store.withTenant(workspace.tenantId, async ({ db }) => {
        await sql`select pg_advisory_xact_lock(facts_lock(${workspace.tenantId}))`.execute(db);
        const waiting = queue(busy, 'running', { version });
        let isWritten = false;
        void waiting.then(() => (isWritten = true));
        expect(await queue(free, 'running', {}, other)).toBe('ok');
        expect(isWritten).toBe(false);
        return { waiting };
      });
      expect(await waiting).toBe('ok');
      await sequencer.settle();
      expect(await eventsOf(busy)).toEqual(['execution.started']);
    });
  }

  test('an event that is of no workspace is an error, and is not written', async () => {
    const event = (tenant: string | null, records: string) =>
      sql`select * from gateway_append(array[row(${tenant}::uuid, ${records}, 'execution.started', 'running', 'client', 'icl_1',
        'execution', null, null, null, null, null, null, null, null, 'rest')::gateway_common],
        array[row(0, 1, now(), 'exe_1', '{}', null, null, null, null, null, null, null, null, null)::gateway_event])`.execute(
        opened.store.people,
      );
    await expect(event(null, 'outcome')).rejects.toThrow('of a workspace');
    await expect(event(workspace.tenantId, 'nothing')).rejects.toThrow('of a workspace');
    const { rows } = await event(workspace.tenantId, 'call');
    expect(rows).toEqual([{ written: 0, refused: [0], why: ['stale'] }]);
  });

  test('each row of a flush is its own workspace’s', async () => {
    const others = [await seedWorkspace(opened.store), await seedWorkspace(opened.store)];
    const all = [workspace, ...others];
    const ids = all.map(() => newId('exe'));
    const queued = await Promise.all(all.map((where, index) => queue(ids[index]!, 'running', {}, where)));
    expect(queued).toEqual(['ok', 'ok', 'ok']);
    await sequencer.settle();
    for (const [at, where] of all.entries()) {
      for (const [of, id] of ids.entries())
        expect((await read(id, where))?.status).toBe(of === at ? 'running' : undefined);
      expect(await verifyChain(opened.store, where.tenantId)).toMatchObject({ ok: true });
    }
  });

  test('in whatever order outcomes come, the first counts, a late answer settles the unknown, and nothing is chained that did not happen', async () => {
    const ended = fc.constantFrom<Ended>('executed', 'failed', 'unknown');
    const step = fc.oneof({ arbitrary: ended, weight: 3 }, { arbitrary: fc.constant('round' as const), weight: 2 });
    const script = fc.tuple(fc.boolean(), fc.array(step, { maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 3 }), async (scripts) => {
        for (const [roundFirst, steps] of scripts) {
          const id = newId('exe');
          await queue(id, 'running');
          if (roundFirst) await sequencer.settle();
          const expected = ['execution.started'];
          let status = 'running';
          let sinceRound: Ended | undefined;
          const settle = (outcome: Ended): void => {
            if (status !== 'running' && (status !== 'unknown' || outcome === 'unknown')) return;
            status = outcome;
            expected.push(`execution.${outcome}`);
          };
          for (const one of [...steps, 'round' as const]) {
            if (one !== 'round') {
              await queue(id, one);
              // Of one round the first answer is looked at.
              if (sinceRound === undefined || sinceRound === 'unknown') sinceRound = one;
              continue;
            }
            if (sinceRound !== undefined) settle(sinceRound);
            sinceRound = undefined;
            await sequencer.settle();
          }
          expect((await read(id))?.status).toBe(status);
          expect(await eventsOf(id)).toEqual(expected);
        }
      }),
      { numRuns: 15 },
    );
    expect(await verifyChain(opened.store, workspace.tenantId)).toMatchObject({ ok: true });
  });

  test('a call whose outcome is queued is not marked unknown; one that has none is, and a later answer still counts', async () => {
    const [answered, silent] = [newId('exe'), newId('exe')];
    for (const id of [answered, silent]) await queue(id, 'running', { timeout_ms: 0 });
    await sequencer.settle();
    await queue(answered, 'executed');
    expect(await markUnknown(opened.store, sequencer)).toBe(2);
    await sequencer.settle();
    expect(await read(answered)).toMatchObject({ status: 'executed' });
    expect(await read(silent)).toMatchObject({ status: 'unknown', step: 'execute' });
    await queue(silent, 'executed');
    await sequencer.settle();
    expect(await eventsOf(answered)).toEqual(['execution.started', 'execution.executed']);
    expect(await eventsOf(silent)).toEqual(['execution.started', 'execution.unknown', 'execution.executed']);
    expect(await read(silent)).toMatchObject({ status: 'executed' });
  });

  test('an answer that comes while calls are marked is the last word', async () => {
    const ids = Array.from({ length: 40 }, () => newId('exe'));
    await Promise.all(ids.map((id) => queue(id, 'running', { timeout_ms: 0 })));
    await sequencer.settle();
    await Promise.all([markUnknown(opened.store, sequencer), ...ids.map((id) => queue(id, 'executed'))]);
    await sequencer.settle();
    for (const id of ids) {
      expect((await read(id))?.status).toBe('executed');
      expect((await eventsOf(id)).at(-1)).toBe('execution.executed');
    }
  });

  test('of large calls a round takes fewer, and says that there are more', async () => {
    const ids = Array.from({ length: 20 }, () => newId('exe'));
    for (const id of ids) await queue(id, 'denied', {}, workspace, `"${'x'.repeat(1024 * 1024)}"`);
    const round = () =>
      opened.store.asSystem(async (db) => {
        const { rows } = await sql<Round>`select moved, more from audit_sequence(4000, true, 0)`.execute(db);
        return rows[0]!;
      });
    expect(await round()).toEqual({ moved: 16, more: true });
    expect(await round()).toEqual({ moved: 4, more: false });
    expect((await read(ids[19]!))?.arguments).toHaveLength(1024 * 1024 + 2);
  });

  test('what is moved is vacuumed, and the connection is the runtime role’s again', async () => {
    await queue(newId('exe'), 'running');
    await sequencer.settle();
    await opened.store.vacuumQueues();
    const { rows } = await sql`select current_user as name`.execute(opened.store.people);
    expect(rows).toEqual([{ name: 'countersign_app' }]);
  });

  test('an outcome without its call is told, and stops nothing', async () => {
    const [id, next] = [newId('exe'), newId('exe')];
    await queue(id, 'executed');
    await queue(next, 'running');
    await sequencer.settle();
    expect(await read(id)).toBeUndefined();
    expect(await eventsOf(id)).toEqual(['execution.executed']);
    expect(await read(next)).toMatchObject({ status: 'running' });
  });

  test('what was begun before the store closes is written, and nothing after', async () => {
    const { store, close } = await openTestStore(engine);
    const outcome = (): Promise<string> => {
      const event = { event_type: 'execution.unknown', outcome: 'unknown' } as const;
      const tenant = workspace.tenantId;
      const common = {
        tenant,
        records: 'outcome',
        ...event,
        actor_kind: actor.kind,
        actor_id: actor.id,
        resource_kind: 'execution',
      } as const;
      const row: EventRow = {
        common,
        at: new Date(),
        resource_id: newId('exe'),
        entry: '{}',
        ...NOTHING_SAID,
        body: null,
      };
      return said(store.write({ tenantId: tenant, events: [row] }));
    };
    const order: string[] = [];
    const begun = outcome().then((result) => order.push(result));
    // As a call would whose outcome follows its intent.
    const next = begun.then(outcome).then((result) => order.push(result));
    await close().then(() => order.push('closed'));
    await Promise.all([begun, next]);
    expect(order).toEqual(['ok', 'ok', 'closed']);
    await expect(outcome()).rejects.toThrow(StoreUnavailable);
  });
});
