import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../src/kernel/ids.ts';
import { sealKept } from '../src/notify/secrets.ts';
import { createEndpoint } from '../src/notify/webhooks/create.ts';
import type { DeliveryView } from '../src/notify/webhooks/schemas.ts';
import { newSigningSecret } from '../src/notify/webhooks/signature.ts';
import { until } from './faults/support/waiting.ts';
import { engines } from './support/engines.ts';
import { type Received, type Receiver, startReceiver } from './support/receiver.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

type Made = { readonly id: string; readonly secret: string; readonly path: string };

describe.each(engines)('webhooks on %s', (engine) => {
  let bench: Workbench;
  let receiver: Receiver;
  let wrongCertificate: Receiver;
  let closedHost: string;
  let client: BenchClient;
  let tool: { name: string };
  let count = 0;
  beforeAll(async () => {
    receiver = await startReceiver();
    wrongCertificate = await startReceiver({ secure: true });
    const closed = await startReceiver();
    closedHost = closed.host;
    await closed.close();
    const exceptions = [receiver, wrongCertificate].map(({ host }) => host);
    bench = await openWorkbench(engine, {}, undefined, [...exceptions, closedHost].join(' '));
    client = await bench.newClient();
    tool = await bench.newTool();
    await bench.newGrant(client.id, tool.name, 'approve');
  });
  afterAll(async () => {
    receiver?.letGo();
    await bench?.close();
    await receiver?.close();
    await wrongCertificate?.close();
  });

  const owner = (...asked: Parameters<Workbench['people']['owner']>) => bench.people.owner(...asked);

  /** A webhook to a path of its own below `kind`, such as `/500`. */
  async function newHook(events: string[], kind = '', base = receiver.url): Promise<Made> {
    count += 1;
    const path = `${kind}/hook-${count}`;
    const { id, secret } = made(await owner('POST', '/v1/webhooks', { url: base + path, events }));
    return { id, secret, path };
  }
  const came = (hook: Made, n = 1): Promise<Received[]> =>
    until(`${n} came to ${hook.path}`, () => receiver.at(hook.path).length >= n && receiver.at(hook.path));
  async function deliveries(hook: Made): Promise<DeliveryView[]> {
    return made(await owner('GET', `/v1/webhooks/${hook.id}/deliveries`)).items;
  }
  const attempted = (hook: Made, attempts = 1): Promise<DeliveryView> =>
    until(`${attempts} attempts are written down for ${hook.path}`, async () => {
      const [newest] = await deliveries(hook);
      return newest !== undefined && newest.attempts.length >= attempts && newest;
    });
  const ping = async (hook: Made): Promise<DeliveryView> => made(await owner('POST', `/v1/webhooks/${hook.id}/ping`));
  /** Lets what waits for its next attempt be due. */
  async function beDue(hook: Made): Promise<void> {
    await bench.sql(
      "update webhook_deliveries set next_attempt_at = now() where endpoint_id = $1 and status = 'pending'",
      [hook.id],
    );
    await bench.sql('update webhook_queues set due_at = now(), claimed_until = null where endpoint_id = $1', [hook.id]);
    await bench.sql(`select pg_notify('countersign', '{"kind":"deliveries"}')`);
  }
  const hold = async () =>
    made(await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text: 'private words' } }));

  test('an event is told, signed as Standard Webhooks has it, without what was asked', async () => {
    const hook = await newHook(['approval.*']);
    const held = await hold();
    const [requested] = await came(hook);
    const headers = requested!.headers as Record<string, string>;
    for (const Verifier of [Webhook, SvixWebhook]) {
      const verifier = new Verifier(hook.secret);
      verifier.verify(requested!.body, headers);
      expect(() => verifier.verify(`${requested!.body} `, headers)).toThrow(/signature/i);
    }
    const body = JSON.parse(requested!.body);
    expect(body).toMatchObject({
      event_type: 'approval.requested',
      event_id: expect.stringMatching(/^evt_[0-7][0-9a-z]{25}$/),
      tenant_id: bench.gate.demo.id,
      data: {
        approval_id: held.approval_id,
        execution_id: held.execution_id,
        tool: tool.name,
        payload_sha256: held.payload_sha256,
        approver_user_id: null,
        policy: 'approve',
        expires_at: held.expires_at,
      },
    });
    const sha = { payload_sha256: held.payload_sha256 };
    made(await owner('POST', `/v1/approvals/${held.approval_id}/decisions`, { decision: 'granted', ...sha }));
    const told = await came(hook, 2);
    expect(JSON.parse(told[1]!.body)).toMatchObject({
      event_type: 'approval.granted',
      data: { approver_user_id: bench.userIds.owner, expires_at: held.expires_at },
    });
    expect(JSON.stringify(told)).not.toContain('private words');
    const delivered = await attempted(hook);
    expect(delivered).toMatchObject({ status: 'delivered', attempts: [{ status: 204, error: null }] });
  });

  test('only what was asked for is told, and only from then on', async () => {
    const all = await newHook(['*']);
    const some = await newHook(['client.created']);
    const { id } = await bench.newClient();
    const [only] = await came(some);
    expect(JSON.parse(only!.body)).toMatchObject({ event_type: 'client.created', data: { client_id: id } });
    await until('everything has come', () => receiver.at(all.path).some(({ body }) => body.includes('token.created')));
    const types = receiver.at(all.path).map(({ body }) => JSON.parse(body).event_type);
    expect(types).not.toContain('approval.requested');
    expect(types).toContain('client.created');
    made(await owner('DELETE', `/v1/webhooks/${all.id}`));
    expect((await owner('GET', `/v1/webhooks/${all.id}`)).status).toBe(404);
  });

  test('the old secret signs beside the new one for a day', async () => {
    const hook = await newHook(['webhook.updated']);
    const rotated = made(await owner('POST', `/v1/webhooks/${hook.id}/rotate-secret`));
    expect(rotated.secret).not.toBe(hook.secret);
    await ping(hook);
    const [both] = await came(hook);
    for (const secret of [hook.secret, rotated.secret]) {
      new Webhook(secret).verify(both!.body, both!.headers as Record<string, string>);
    }
    expect(rotated.old_secret_until).toEqual(expect.any(String));
    await bench.sql("update notify_secrets set ends_at = now() - interval '1 second' where ends_at is not null");
    await ping(hook);
    const later = (await came(hook, 2))[1]!;
    const headers = later.headers as Record<string, string>;
    new Webhook(rotated.secret).verify(later.body, headers);
    expect(() => new Webhook(hook.secret).verify(later.body, headers)).toThrow();
  });

  test('the secret is shown once, and is nowhere in clear', async () => {
    const hook = await newHook(['*']);
    expect(JSON.stringify(made(await owner('GET', `/v1/webhooks/${hook.id}`)))).not.toContain(hook.secret);
    const rows = await bench.sql('select row_to_json(s)::text as row from notify_secrets s where secret_id = $1', [
      hook.id,
    ]);
    expect(JSON.stringify(rows)).not.toContain(hook.secret.slice(6, 20));
    expect(JSON.stringify(await bench.entries({ resources: [hook.id] }))).not.toContain(hook.secret.slice(6, 20));
    made(await owner('DELETE', `/v1/webhooks/${hook.id}`));
    expect(await bench.sql('select from notify_secrets where secret_id = $1', [hook.id])).toEqual([]);
  });

  test.each([
    ['/500', /answered 500/, 500],
    ['/302', /answered 302.*not followed/, 302],
    ['/404/long', /answered 404/, 404],
  ])('%s is a failure that is tried again, each time with its own timestamp', async (kind, error, status) => {
    const hook = await newHook(['webhook.updated'], kind);
    await ping(hook);
    const first = await attempted(hook);
    expect(first).toMatchObject({ status: 'pending', attempts: [{ status, error: expect.stringMatching(error) }] });
    expect(first.attempts[0]!.answer!.length).toBeLessThanOrEqual(1024);
    const waits = Date.parse(first.next_attempt_at!) - Date.parse(first.attempts[0]!.at);
    expect(waits).toBeGreaterThan(4_000);
    expect(waits).toBeLessThan(20_000);
    await beDue(hook);
    const second = await attempted(hook, 2);
    expect(second.id).toBe(first.id);
    const requests = receiver.at(hook.path);
    expect(requests.map(({ headers }) => headers['webhook-id'])).toEqual([first.id, first.id]);
    expect(requests[0]!.body).toBe(requests[1]!.body);
    for (const { body, headers } of requests) {
      expect(headers).toMatchObject({
        'webhook-timestamp': expect.any(String),
        'webhook-signature': expect.stringMatching(/^v1,/),
      });
      new Webhook(hook.secret).verify(body, headers as Record<string, string>);
    }
    expect(receiver.at('/elsewhere')).toEqual([]);
  });

  test('a receiver that is down, or shows a wrong certificate, is told when it is there again', async () => {
    const down = await newHook(['client.revoked'], '', `http://${closedHost}`);
    await ping(down);
    expect((await attempted(down)).attempts[0]!.error).toMatch(/ECONNREFUSED.*Nothing was sent/);
    made(await owner('PATCH', `/v1/webhooks/${down.id}`, { url: wrongCertificate.url + down.path }));
    await beDue(down);
    expect((await attempted(down, 2)).attempts[1]!.error).toMatch(/TLS.*Nothing was sent/);
    expect(wrongCertificate.received).toEqual([]);
    made(await owner('PATCH', `/v1/webhooks/${down.id}`, { url: receiver.url + down.path }));
    await beDue(down);
    expect(await attempted(down, 3)).toMatchObject({ status: 'delivered' });
  });

  test('what failed ten times has failed, and is sent again by hand under an id of its own', async () => {
    const hook = await newHook(['client.created'], '/500');
    await bench.newClient();
    const { id, event_id } = await attempted(hook);
    await bench.sql('update webhook_deliveries set attempt_count = 9 where id = $1', [id]);
    await beDue(hook);
    expect(await attempted(hook, 2)).toMatchObject({ id, status: 'failed', next_attempt_at: null });
    made(await owner('PATCH', `/v1/webhooks/${hook.id}`, { url: `${receiver.url}/again` }));
    const again = made(await owner('POST', `/v1/webhooks/${hook.id}/deliveries/${id}/resend`));
    expect(again).toMatchObject({ origin_id: id, event_id });
    expect(again.id).not.toBe(id);
    const [request] = await until('it came again', () => receiver.at('/again').length > 0 && receiver.at('/again'));
    expect(request!.headers).toMatchObject({ 'webhook-id': again.id, 'countersign-resend-of': id });
    expect(JSON.parse(request!.body).event_id).toBe(event_id);
    expect(request!.body).toBe(receiver.at(hook.path)[0]!.body);
    await ping(hook);
    const asked = (await bench.entries({ resources: [hook.id] })).filter(({ outcome }) => outcome === 'queued');
    expect(asked).toMatchObject([
      {
        event_type: 'webhook.resent',
        actor: { id: bench.userIds.owner },
        data: { delivery_id: again.id, origin_id: id },
      },
      { event_type: 'webhook.pinged', actor: { id: bench.userIds.owner }, data: { delivery_id: expect.any(String) } },
    ]);
  });

  test('410 disables at once, five days of failures then, and what waited is cancelled', async () => {
    const hook = await newHook(['client.created', 'client.revoked'], '/410');
    await bench.newClient();
    await until(
      'it is disabled',
      async () => made(await owner('GET', `/v1/webhooks/${hook.id}`)).status === 'disabled',
    );
    expect(made(await owner('GET', `/v1/webhooks/${hook.id}`))).toMatchObject({ disabled_because: 'gone', pending: 0 });
    const told = await bench.entries({ resources: [hook.id] });
    expect(told.at(-1)).toMatchObject({
      event_type: 'webhook.disabled',
      actor: { kind: 'system' },
      data: { code: 'gone' },
    });
    const refused = await owner('POST', `/v1/webhooks/${hook.id}/deliveries/${(await deliveries(hook))[0]!.id}/resend`);
    expect(refused).toMatchObject({ status: 409 });

    const failing = await newHook(['client.created'], '/500');
    await bench.newClient();
    await attempted(failing);
    await bench.newClient();
    await until(
      'two have failed',
      async () => (await deliveries(failing)).filter((one) => one.attempts.length > 0).length === 2,
    );
    await bench.sql("update webhook_endpoints set failing_since = now() - interval '5 days' where id = $1", [
      failing.id,
    ]);
    await beDue(failing);
    await until(
      'it is disabled, too',
      async () => made(await owner('GET', `/v1/webhooks/${failing.id}`)).disabled_because === 'failing',
    );
    expect((await deliveries(failing)).map(({ status }) => status)).not.toContain('pending');
    const enabled = made(await owner('PATCH', `/v1/webhooks/${failing.id}`, { status: 'enabled' }));
    expect(enabled).toMatchObject({ status: 'enabled', disabled_because: null, failing_since: null });
  });

  /** Many webhooks at once, as the API makes them one by one. */
  async function newHooks(many: number, events: string[]): Promise<Set<string>> {
    const { app } = bench.gate.running;
    const { tenantId } = bench.gate;
    const actor = { kind: 'member', id: bench.userIds.owner } as const;
    const paths = Array.from({ length: many }, (_, nth) => `/many/${nth}`);
    const made = await Promise.all(
      paths.map(async (path) => {
        const id = newId('whk');
        const sealed = await sealKept(app.vault, tenantId, id, 1, newSigningSecret());
        return { id, sealed, url: receiver.url + path, events, description: '' };
      }),
    );
    await app.transact(tenantId, async (tx) => {
      for (const one of made) await createEndpoint({ tx, actor }, one, app.egress);
      return {};
    });
    return new Set(paths);
  }

  test('one of 1,000 that hangs does not delay the others', { timeout: 240_000 }, async () => {
    const hanging = await newHook(['client.updated'], '/hang');
    const paths = await newHooks(999, ['client.updated']);
    made(await owner('PATCH', `/v1/clients/${client.id}`, { description: 'changed' }));
    await came(hanging);
    const told = () => new Set(receiver.received.map(({ path }) => path).filter((path) => paths.has(path)));
    await until('all others were told', () => told().size === paths.size, 200_000);
    expect((await deliveries(hanging)).map(({ status }) => status)).toEqual(['pending']);
    receiver.letGo();
    await beDue(hanging);
    await until('it came through, too', async () =>
      (await deliveries(hanging)).every(({ status }) => status === 'delivered'),
    );
  });

  test.each([
    [{ url: 'http://127.0.0.1:1/x', events: ['*'] }, 'url', /loopback.*COUNTERSIGN_EGRESS_ALLOW/],
    [{ url: 'ftp://a.example', events: ['*'] }, 'url', /http/],
    [{ url: 'https://user:pw@a.example/', events: ['*'] }, 'url', /credential|user name/],
    [{ url: 'https://a.example/?api_key=sk_live_123456789012345678901234', events: ['*'] }, 'url', /credential/],
    [{ url: 'https://a.example', events: ['approval.fine'] }, 'events.0', /approval\.\*/],
    [{ url: 'https://a.example', events: [] }, 'events', /at least one/],
  ])('refuses %j', async (body, field, message) => {
    const { status, body: problem } = await owner('POST', '/v1/webhooks', body);
    expect(status).toBe(422);
    expect(problem.errors[0]).toEqual({ field, message: expect.stringMatching(message) });
  });
});
