import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { send } from '../support/gate.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { signIn } from './support/caller.ts';
import { openSite, type Site } from './support/site.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

describe.each(engines)('kill -9 between an event and its delivery on %s', (engine) => {
  let site: Site;
  let world: World;
  let receiver: Receiver;
  beforeAll(async () => {
    site = await openSite(engine);
    world = await site.world();
    receiver = await startReceiver();
  });
  afterAll(async () => {
    await site?.close();
    await receiver?.close();
  });

  test('every committed event is delivered after the restart', { timeout: 120_000 }, async () => {
    const env = { COUNTERSIGN_EGRESS_ALLOW: `${site.upstream.host} ${receiver.host}` };
    const node = await site.start({ env });
    const owner = await signIn(node.url, world);
    const ask = send(node.url, owner);
    const hook = await ask('POST', '/v1/webhooks', { url: `${receiver.url}/told`, events: ['client.created'] });
    expect(hook.status).toBe(201);
    // While one is on its way and hangs, and while others are only committed.
    const hanging = await ask('POST', '/v1/webhooks', { url: `${receiver.url}/hang`, events: ['client.created'] });
    expect(hanging.status).toBe(201);
    const ids: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) ids.push((await ask('POST', '/v1/clients', { name: `c ${nth}` })).body.id);
    await until('one hangs', () => receiver.at('/hang').length > 0);
    for (let nth = 5; nth < 10; nth += 1) ids.push((await ask('POST', '/v1/clients', { name: `c ${nth}` })).body.id);
    node.kill();
    await node.exited;
    receiver.letGo();

    // The lease of a node that died ends by itself, in a minute.
    if (site.databaseUrl !== undefined) {
      const database = new pg.Client({ connectionString: site.databaseUrl });
      await database.connect();
      await database.query('update webhook_queues set claimed_until = now() where claimed_until is not null');
      await database.end();
    }
    await site.start({ env });
    for (const path of ['/told', '/hang']) {
      const told = (): Set<string> => new Set(receiver.at(path).map(({ body }) => JSON.parse(body).data.client_id));
      await until(`everything came to ${path}`, () => ids.every((id) => told().has(id)), 90_000);
    }
    // What came twice is the same delivery of the same event.
    const byEvent = new Map<string, Set<string>>();
    for (const { body, headers } of receiver.at('/told')) {
      const id = JSON.parse(body).event_id as string;
      byEvent.set(id, (byEvent.get(id) ?? new Set()).add(String(headers['webhook-id'])));
    }
    expect([...byEvent.values()].every((deliveries) => deliveries.size === 1)).toBe(true);
    expect(byEvent.size).toBe(ids.length);
  });
});
