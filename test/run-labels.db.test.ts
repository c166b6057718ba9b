import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pruneRunLabels } from '../src/governance/runs/prune.ts';
import { newId } from '../src/kernel/ids.ts';
import { auditRow } from '../src/ledger/audit.ts';
import type { CommonColumns, Requires, Written } from '../src/store/flush/rows.ts';
import { Store } from '../src/store/store.ts';
import { engines } from './support/engines.ts';
import { createReadyDatabase, openTestStore } from './support/store.ts';
import { seedWorkspace, type TestWorkspace } from './support/workspace.ts';

type Run = NonNullable<Requires['run']>;

describe.each(engines)('labels where a call is recorded, on %s', (engine) => {
  /** Two nodes where there can be two. */
  let nodes: Store[];
  let close: () => Promise<void>;
  let workspace: TestWorkspace;
  let version: number;
  beforeAll(async () => {
    if (engine === 'postgres') {
      const database = await createReadyDatabase();
      const open = () => Store.open({ databaseUrl: database.url, dataDir: null, poolSize: 4 });
      nodes = [await open(), await open()];
      close = async () => {
        await Promise.all(nodes.map((node) => node.close()));
        await database.drop();
      };
    } else {
      const opened = await openTestStore(engine);
      nodes = [opened.store];
      close = opened.close;
    }
    workspace = await seedWorkspace(nodes[0]!);
    const { facts_version } = await nodes[0]!.withTenant(workspace.tenantId, ({ db }) =>
      db.selectFrom('workspaces').select('facts_version').executeTakeFirstOrThrow(),
    );
    version = Number(facts_version);
  });
  afterAll(() => close?.());

  /** Records that a call of `principal` begins, with what it needs of labels. */
  async function begin(principal: string, run: Run, nth = 0, more: Partial<Requires> = {}): Promise<Written> {
    const store = nodes[nth % nodes.length]!;
    const id = newId('exe');
    const event_type = 'execution.started';
    const resource = { kind: 'execution', id };
    const actor = { kind: 'client', id: principal } as const;
    const entry = auditRow(workspace.id as never, store.clock.now(), actor, {
      event_type,
      resource,
      outcome: 'running',
    });
    const common: CommonColumns = {
      tenant: workspace.tenantId,
      event_type,
      outcome: 'running',
      actor_kind: 'client',
      actor_id: principal,
      resource_kind: 'execution',
      records: 'call',
      version,
      not_after: null,
      timeout_ms: 60_000,
      token_id: null,
      tool_id: null,
      tool_name: 'mail.send',
      effect: 'send',
      policy: 'auto',
      via: 'rest',
    };
    const { at, resource_id, entry: text } = entry;
    const nothing = { payload_sha256: null, approval_id: null, request_id: null, step: null, code: null, detail: null };
    const row = { common, at, resource_id, entry: text, ...nothing, body: '{}' };
    const requires = { principal_id: principal, execution_id: id, run, ...more };
    return store.write({ tenantId: workspace.tenantId, events: [row], requires });
  }

  const labelsOf = (principal: string) =>
    nodes[0]!.withTenant(workspace.tenantId, ({ db }) =>
      db
        .selectFrom('run_labels')
        .select(['run', 'labels'])
        .where('principal_id', '=', principal)
        .orderBy('run')
        .execute(),
    );
  const ok = { ok: true };
  const stale = { ok: false, why: 'stale' };

  test('a ruling on other labels than are there is not recorded', async () => {
    const client = newId('icl');
    const read = ['open:t', 'run:a'];
    expect(await begin(client, { read, seen: [] })).toEqual(ok);
    expect(await begin(client, { write: ['run:a'], labels: ['untrusted'] })).toEqual(ok);
    expect(await begin(client, { read, seen: [] })).toEqual(stale);
    expect(await begin(client, { read, seen: ['untrusted'] })).toEqual(ok);
    expect(await begin(client, { read: ['run:b'], seen: [] })).toEqual(ok);
    expect(await begin(newId('icl'), { read, seen: [] })).toEqual(ok);
    expect(await begin(client, { write: ['open:t'], labels: ['internal', 'untrusted'] })).toEqual(ok);
    expect(await begin(client, { read, seen: ['untrusted'] })).toEqual(stale);
    expect(await begin(client, { read, seen: ['internal', 'untrusted'] })).toEqual(ok);
  });

  test('what is refused puts no label on', async () => {
    const client = newId('icl');
    const write = { write: ['run:a'], labels: ['untrusted'] };
    expect(await begin(client, { ...write, read: ['run:a'], seen: ['other'] })).toEqual(stale);
    const approval = { id: 'apv_none', payload_sha256: 'x', becomes: 'consumed' } as const;
    expect(await begin(client, write, 0, { approval })).toEqual({ ok: false, why: 'lost', status: 'gone' });
    expect(await labelsOf(client)).toEqual([]);
  });

  test('many at once, in any order and on any node, put all of theirs on, and none waits for ever', async () => {
    const client = newId('icl');
    const runs = ['run:a', 'run:b', 'open:t'];
    const puts = Array.from({ length: 60 }, (_, nth) => {
      const write = nth % 2 === 0 ? runs : [...runs].reverse();
      return begin(client, { write, labels: [`label-${nth % 12}`] }, nth);
    });
    expect(await Promise.all(puts)).toEqual(puts.map(() => ok));
    const all = Array.from({ length: 12 }, (_, nth) => `label-${nth}`).sort();
    expect(await labelsOf(client)).toEqual([...runs].sort().map((run) => ({ run, labels: all })));
  });

  test('once a label is there, no ruling without it is recorded on any node', async () => {
    for (let round = 0; round < 10; round += 1) {
      const client = newId('icl');
      const sending = Array.from({ length: 8 }, (_, nth) => begin(client, { read: ['open:t'], seen: [] }, nth));
      expect(await begin(client, { write: ['open:t'], labels: ['untrusted'] }, round)).toEqual(ok);
      const late = Array.from({ length: 8 }, (_, nth) => begin(client, { read: ['open:t'], seen: [] }, nth));
      expect(await Promise.all(late)).toEqual(late.map(() => stale));
      for (const one of await Promise.all(sending)) expect([ok, stale]).toContainEqual(one);
    }
  });

  test('labels that have ended count for nothing, come back with no others, and are deleted', async () => {
    const client = newId('icl');
    const age = (run: string, hours: number) =>
      nodes[0]!.withTenant(workspace.tenantId, ({ db }) =>
        db
          .updateTable('run_labels')
          .set({ labelled_at: new Date(nodes[0]!.clock.now().getTime() - hours * 3_600_000) })
          .where('principal_id', '=', client)
          .where('run', '=', run)
          .execute(),
      );
    await begin(client, { write: ['run:a', 'open:t'], labels: ['untrusted'] });
    await age('open:t', 24.1);
    await age('run:a', 719);
    expect(await begin(client, { read: ['open:t'], seen: [] })).toEqual(ok);
    expect(await begin(client, { read: ['run:a'], seen: ['untrusted'] })).toEqual(ok);
    expect(await pruneRunLabels(nodes[0]!)).toBe(false);
    expect(await labelsOf(client)).toEqual([{ run: 'run:a', labels: ['untrusted'] }]);
    await age('run:a', 721);
    expect(await begin(client, { write: ['run:a'], labels: ['internal'] })).toEqual(ok);
    expect(await labelsOf(client)).toEqual([{ run: 'run:a', labels: ['internal'] }]);
  });
});
