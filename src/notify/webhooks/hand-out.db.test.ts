import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { mustAct, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import { SYSTEM } from '../../kernel/actor.ts';
import { newId } from '../../kernel/ids.ts';
import { auditAll } from '../../ledger/audit.ts';
import { Sequencer } from '../../ledger/sequencer.ts';
import type { Store } from '../../store/store.ts';
import { egressExceptions } from '../../upstream/egress-exceptions.ts';
import { createEndpoint } from './create.ts';
import { cancelSome, isUntold } from './disable.ts';
import { handOut, handOutPart } from './hand-out.ts';
import { claim } from './queue.ts';
import { updateEndpoint } from './update.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';
const NONE = egressExceptions([]);

describe.each(engines)('what webhooks are to be told of, on %s', (engine) => {
  let opened: TestStore;
  let store: Store;
  let sequencer: Sequencer;
  beforeAll(async () => {
    opened = await openTestStore(engine);
    store = opened.store;
    sequencer = new Sequencer(store, pino({ level: 'silent' }));
  });
  afterAll(() => opened?.close());

  /** A workspace with so many webhooks, of whose making they are not told. */
  async function workspaceWith(webhooks: number, events = ['*']): Promise<TestWorkspace & { hooks: string[] }> {
    const workspace = await seedWorkspace(store);
    const hooks: string[] = [];
    await mustAct(store, workspace, 'owner', async (verb) => {
      for (let nth = 0; nth < webhooks; nth += 1) {
        const id = newId('whk');
        const made = { id, sealed: 'x', url: `https://${nth}.example`, events, description: '' };
        await createEndpoint(verb, made, NONE);
        hooks.push(id);
      }
      return {};
    });
    await sequencer.drain();
    await handOut(store, () => false);
    return { ...workspace, hooks };
  }
  const happen = ({ tenantId, id }: TestWorkspace, times: number): Promise<void> =>
    store.withTenant(tenantId, (tx) =>
      auditAll(
        tx,
        Array.from({ length: times }, () => ({
          event_type: 'settings.updated' as const,
          actor: SYSTEM,
          resource: { kind: 'workspace', id },
          outcome: 'updated',
        })),
      ),
    );
  const told = async ({ tenantId }: TestWorkspace): Promise<{ endpoint_id: string; event_id: string }[]> =>
    store.withTenant(tenantId, ({ db }) =>
      db
        .selectFrom('webhook_deliveries')
        .select(['endpoint_id', 'event_id'])
        .where('event_type', '=', 'settings.updated')
        .execute(),
    );
  const setQueue = ({ tenantId }: TestWorkspace, endpointId: string, pending: number): Promise<unknown> =>
    store.withTenant(tenantId, ({ db }) =>
      db
        .insertInto('webhook_queues')
        .values({ tenant_id: tenantId, endpoint_id: endpointId, pending, due_at: null, claimed_until: null })
        .execute(),
    );

  test('is made in bounded parts, one workspace after the other, and each event once for each webhook', async () => {
    const [one, other] = (await Promise.all([workspaceWith(20), workspaceWith(3)])).sort((a, b) =>
      a.tenantId < b.tenantId ? -1 : 1,
    ) as [TestWorkspace & { hooks: string[] }, TestWorkspace & { hooks: string[] }];
    await happen(one, 7);
    await happen(other, 7);
    await sequencer.drain();
    // The sequencer itself makes none, however many there will be.
    expect([...(await told(one)), ...(await told(other))]).toEqual([]);
    for (let turn = 1, after: string | null = FIRST; turn <= 2; turn += 1) {
      after = await handOutPart(store, after!, 40);
      expect(after).toBe(turn === 1 ? one.tenantId : other.tenantId);
    }
    for (const each of [one, other]) {
      const made = await told(each);
      expect(made.length).toBeGreaterThan(0);
      expect(made.length).toBeLessThanOrEqual(Math.max(40, each.hooks.length));
    }
    await handOut(store, () => false);
    for (const each of [one, other]) {
      const made = await told(each);
      expect(made).toHaveLength(7 * each.hooks.length);
      expect(new Set(made.map(({ endpoint_id, event_id }) => `${endpoint_id} ${event_id}`)).size).toBe(made.length);
    }
    expect(await handOutPart(store, FIRST)).toBeNull();
  });

  test('a workspace whose webhooks are disabled leaves nothing, and one enabled again hears of what comes then', async () => {
    const workspace = await workspaceWith(1);
    const [id] = workspace.hooks as [string];
    const set = (status: 'enabled' | 'disabled') =>
      mustAct(store, workspace, 'owner', (verb) => updateEndpoint(verb, { id, status }, NONE));
    await happen(workspace, 1);
    await sequencer.drain();
    await set('disabled');
    await set('enabled');
    await happen(workspace, 1);
    await sequencer.drain();
    await handOut(store, () => false);
    expect(await told(workspace)).toHaveLength(1);
    await set('disabled');
    await sequencer.drain();
    await handOut(store, () => false);
    await happen(workspace, 1);
    await sequencer.drain();
    expect(await handOutPart(store, FIRST)).toBeNull();
  });

  test('what was made while a webhook was disabled is not sent once it is enabled again', async () => {
    const workspace = await workspaceWith(1);
    const [id] = workspace.hooks as [string];
    const due = () =>
      store.withTenant(workspace.tenantId, async ({ db }) => {
        const endpoint = await db
          .selectFrom('webhook_endpoints')
          .select(['status', 'enabled_at'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        return db
          .selectFrom('webhook_deliveries')
          .select(['id', isUntold(endpoint).as('is_untold')])
          .where('event_type', '=', 'settings.updated')
          .where('status', '=', 'pending')
          .orderBy('seq')
          .execute();
      });
    const tell = async (): Promise<void> => {
      await happen(workspace, 1);
      await sequencer.drain();
      await handOut(store, () => false);
    };
    await tell();
    expect((await due()).map(({ is_untold }) => is_untold)).toEqual([false]);
    // As if the delivery had been made beside the transaction that disables it.
    await store.withTenant(workspace.tenantId, ({ db }) =>
      db.updateTable('webhook_endpoints').set({ status: 'disabled' }).where('id', '=', id).execute(),
    );
    expect((await due()).map(({ is_untold }) => is_untold)).toEqual([true]);
    await mustAct(store, workspace, 'owner', (verb) => updateEndpoint(verb, { id, status: 'enabled' }, NONE));
    await tell();
    const [before, after] = await due();
    expect([before?.is_untold, after?.is_untold]).toEqual([true, false]);
    await store.withTenant(workspace.tenantId, (tx) => cancelSome(tx, id, [before!]));
    expect(await due()).toEqual([after]);
  });

  test('what a webhook has no room for is counted as missed, and others have theirs', async () => {
    const workspace = await workspaceWith(2, ['settings.updated']);
    const [full, free] = workspace.hooks as [string, string];
    await setQueue(workspace, full, 20_000);
    await happen(workspace, 3);
    await sequencer.drain();
    await handOut(store, () => false);
    expect(new Set((await told(workspace)).map(({ endpoint_id }) => endpoint_id))).toEqual(new Set([free]));
    const queues = await store.withTenant(workspace.tenantId, ({ db }) =>
      db.selectFrom('webhook_queues').select(['endpoint_id', 'pending', 'missed']).orderBy('endpoint_id').execute(),
    );
    expect(queues).toEqual(
      [
        { endpoint_id: full, pending: 20_000, missed: '3' },
        { endpoint_id: free, pending: 3, missed: '0' },
      ].sort((a, b) => (a.endpoint_id < b.endpoint_id ? -1 : 1)),
    );
  });

  test('webhooks that fail leave places to others of their workspace', async () => {
    const workspace = await workspaceWith(30, ['settings.updated']);
    await happen(workspace, 1);
    await sequencer.drain();
    await handOut(store, () => false);
    const failing = workspace.hooks.slice(0, 20);
    await store.withTenant(workspace.tenantId, ({ db }) =>
      db
        .updateTable('webhook_queues')
        .set({ failing: true, due_at: sql<Date>`clock_timestamp() - interval '1 hour'` })
        .where('endpoint_id', 'in', failing)
        .execute(),
    );
    const room = { free: { all: 64, failing: 32 }, perTenant: { all: 16, failing: 8 }, busy: new Map() };
    const { leases } = await claim(store, room);
    const own = leases.filter(({ tenantId }) => tenantId === workspace.tenantId);
    expect([own.length, own.filter((lease) => lease.failing).length]).toEqual([16, 8]);
    const busy = new Map([[workspace.tenantId, { all: 8, failing: 8 }]]);
    const later = await claim(store, { ...room, busy });
    expect(later.leases.filter((lease) => lease.failing)).toEqual([]);
    expect(later.leases.filter(({ tenantId }) => tenantId === workspace.tenantId)).toHaveLength(2);
  });
});
