import { expect, test } from 'vitest';
import { engines } from '../../test/support/engines.ts';
import { made, openWorkbench } from '../../test/support/workbench.ts';
import { claimNotices } from './notices/noticer.ts';
import { pruneDeliveries } from './webhooks/prune.ts';
import { release } from './webhooks/queue.ts';

test.each(engines)('no workspace waits behind the notices of another, on %s', async (engine) => {
  const bench = await openWorkbench(engine);
  try {
    const { store } = bench.gate.running.app;
    const add = (tenantId: string, count: number, age: number) =>
      bench.sql(
        `insert into notices (tenant_id, id, about_kind, about_id, stage, channel, next_attempt_at)
         select $1::uuid, 'ntc_' || $3::int || '_' || n, 'approval', 'none', 'asked', 'slack', now() - $3::int * interval '1 second'
         from generate_series(1, $2::int) n`,
        [tenantId, count, age],
      );
    const [{ tenant_id: other }] = (await bench.sql<{ tenant_id: string }>(
      'select tenant_id from workspaces where tenant_id <> $1',
      [bench.gate.tenantId],
    )) as [{ tenant_id: string }];
    await add(bench.gate.tenantId, 100, 50);
    await add(other, 1, 1);
    const taken = await claimNotices(store);
    expect(taken.filter(({ tenant_id }) => tenant_id === other)).toHaveLength(1);
    expect(taken).toHaveLength(20);
  } finally {
    await bench.close();
  }
});

test.each(engines)('a webhook that could not be read is left alone for a while, on %s', async (engine) => {
  const bench = await openWorkbench(engine);
  try {
    const hook = { url: 'https://a.example/hooks', events: ['client.revoked'] };
    const { id } = made(await bench.people.owner('POST', '/v1/webhooks', hook));
    const { tenantId } = bench.gate;
    // Somebody else's at present.
    await bench.sql(
      `insert into webhook_queues (tenant_id, endpoint_id, due_at, claimed_until, pending)
       values ($1, $2, now(), now() + interval '1 hour', 1)`,
      [tenantId, id],
    );
    await bench.sql(
      `insert into webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, next_attempt_at)
       values ($1, 'dlv_1', $2, 'evt_1', 'webhook.ping', now() - interval '1 minute')`,
      [tenantId, id],
    );
    await release(bench.gate.running.app.store, { tenantId, endpointId: id, failing: false }, 30);
    const rests = "select due_at > now() + interval '20 seconds' as rests from webhook_queues where endpoint_id = $1";
    expect(await bench.sql(rests, [id])).toEqual([{ rests: true }]);
  } finally {
    await bench.close();
  }
});

test.each(engines)('what ended long ago and what goes to nobody is removed, on %s', async (engine) => {
  const bench = await openWorkbench(engine);
  try {
    const hook = { url: 'https://a.example/hooks', events: ['client.revoked'] };
    const { id } = made(await bench.people.owner('POST', '/v1/webhooks', hook));
    await bench.sql(
      `insert into webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, status, finished_at, next_attempt_at)
       select $1::uuid, made.id, made.endpoint, 'evt_1', 'webhook.ping', made.status, made.finished, now() + interval '1 day'
       from (values ('dlv_old', $2, 'delivered', now() - interval '15 days'), ('dlv_new', $2, 'delivered', now()),
         ('dlv_lost', 'whk_gone', 'pending', null)) made (id, endpoint, status, finished)`,
      [bench.gate.tenantId, id],
    );
    expect(await pruneDeliveries(bench.gate.running.app.store)).toBe(false);
    const left = await bench.sql('select id from webhook_deliveries');
    expect(left).toEqual([{ id: 'dlv_new' }]);
  } finally {
    await bench.close();
  }
});
