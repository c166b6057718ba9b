import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PER_HOUR } from '../src/notify/notices/queue-notices.ts';
import { until } from './faults/support/waiting.ts';
import { newPushReader, readVapid } from './support/browser-push.ts';
import { engines } from './support/engines.ts';
import { send } from './support/gate.ts';
import { type MailServer, startMailServer } from './support/mail-server.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    to: { type: 'string', format: 'email' },
    subject: { type: 'string', 'x-countersign': 'subject' },
    ssn_id: { type: 'string', 'x-countersign': 'sensitive' },
  },
};

describe.each(engines)('notices on %s', (engine) => {
  let bench: Workbench;
  let mail: MailServer;
  let receiver: Receiver;
  let client: BenchClient;
  let tool: { readonly name: string };
  beforeAll(async () => {
    mail = await startMailServer();
    receiver = await startReceiver();
    const env = {
      COUNTERSIGN_SMTP_URL: mail.url,
      COUNTERSIGN_MAIL_FROM: 'Countersign <gate@example.com>',
    };
    bench = await openWorkbench(engine, env, undefined, receiver.host);
    client = await bench.newClient();
    tool = await bench.newTool('/ok', { input_schema: SCHEMA, effect: 'send' });
    await bench.newGrant(client.id, tool.name, 'approve', ['member']);
  });
  afterAll(async () => {
    await bench?.close();
    await mail?.close();
    await receiver?.close();
  });

  const hold = async (subject: string, more: object = { to: 'ada@example.com' }) =>
    made(
      await client.send('POST', '/api/agent/gateway', {
        tool: tool.name,
        arguments: { ...more, subject, ssn_id: 'never-told-123' },
      }),
    );
  const timeline = async (id: string) => made(await bench.people.owner('GET', `/v1/approvals/${id}/timeline`));
  const mailsOf = (id: string) => mail.mails.filter(({ text }) => text?.includes(id));
  const addressOf = async (name: 'owner' | 'member' | 'viewer') =>
    made(await bench.people[name]('GET', '/v1/me')).user.email as string;
  const told = (id: string, count: number) =>
    until(`${count} were told of ${id}`, async () => {
      const { told: all } = await timeline(id);
      const sent = all.filter(({ status }: { status: string }) => status === 'sent');
      return sent.length >= count && sent;
    });
  /** Moves an approval in time, as if a share of its time were over, and has it looked at. */
  async function passed(id: string, share: number): Promise<void> {
    await bench.sql(
      `update approvals set created_at = now() - $2 * interval '1000 seconds',
         expires_at = now() + (1 - $2) * interval '1000 seconds', next_notice_at = now() where id = $1`,
      [id, share],
    );
    await bench.sql(`select pg_notify('countersign', '{"kind":"approval"}')`);
  }

  test('everybody who may decide has an e-mail that leads there, without what is sensitive', async () => {
    const { approval_id: id } = await hold('Contract\u202e\r\nBcc: all@example.com');
    // The owner, two admins, and the member whom the grant names.
    await told(id, 4);
    const mails = mailsOf(id);
    const to = mails.map((one) => (Array.isArray(one.to) ? one.to[0] : one.to)!.value[0]!.address);
    expect(to).toContain(await addressOf('owner'));
    expect(to).toContain(await addressOf('member'));
    expect(to).not.toContain(await addressOf('viewer'));
    expect(to.length).toBe(4);
    const [one] = mails;
    expect(one!.from!.value[0]!.address).toBe('gate@example.com');
    expect(one!.subject).toMatch(/^Approval needed: /);
    expect(one!.subject).not.toMatch(/[\r\n\u202e]/);
    expect(one!.headers.has('bcc')).toBe(false);
    expect(one!.text).toContain(`${bench.gate.url}/w/demo/inbox/${id}`);
    expect(one!.text).toContain(tool.name);
    expect(one!.text).toMatch(/expires in 30 minutes/);
    expect(JSON.stringify(mails)).not.toContain('never-told-123');
    expect(one!.text!.match(/https?:/g)).toHaveLength(1);
    const entries = await bench.entries({ resources: [id] });
    expect(entries.filter(({ event_type }) => event_type === 'approval.notified')).toHaveLength(4);
  });

  test('a person chooses by which ways, and who has voted or left is reminded no more', async () => {
    made(await bench.people.admin('PATCH', '/v1/notices/mine', { email: false }));
    const { approval_id: id } = await hold('Reminded');
    await told(id, 3);
    await passed(id, 0.5);
    const half = await told(id, 6);
    expect(half.map(({ stage }: { stage: string }) => stage).sort()).toEqual([
      ...Array(3).fill('asked'),
      ...Array(3).fill('half'),
    ]);
    await passed(id, 0.9);
    await told(id, 9);
    const last = mailsOf(id).at(-1)!;
    expect(last.subject).toMatch(/^Still waiting, 2 minutes left: /);
    expect(last.references).toContain(id);
    const { next_notice_at: next } = (
      await bench.sql<{ next_notice_at: unknown }>('select next_notice_at::text from approvals where id = $1', [id])
    )[0]!;
    expect(next).toBe('infinity');
    made(await bench.people.admin('PATCH', '/v1/notices/mine', { email: true }));
  });

  test('what is decided meanwhile is told to nobody', async () => {
    mail.refuse(true);
    const held = await hold('Decided');
    const id = held.approval_id;
    await until(
      'the server refused it',
      async () => (await bench.sql('select from notices where about_id = $1 and attempts > 0', [id])).length === 4,
    );
    const decision = { decision: 'denied', reason: 'no', payload_sha256: held.payload_sha256 };
    made(await bench.people.owner('POST', `/v1/approvals/${id}/decisions`, decision));
    mail.refuse(false);
    await bench.sql('update notices set next_attempt_at = now() where about_id = $1', [id]);
    await bench.sql(`select pg_notify('countersign', '{"kind":"approval"}')`);
    await until('they are dropped', async () =>
      (await timeline(id)).told.every(({ status }: { status: string }) => status === 'dropped'),
    );
    expect(mailsOf(id)).toEqual([]);
  });

  test('who may not decide any more is told nothing of it', async () => {
    mail.refuse(true);
    const { approval_id: id } = await hold('Not for everybody');
    await until(
      'the server refused it',
      async () => (await bench.sql('select from notices where about_id = $1 and attempts > 0', [id])).length === 4,
    );
    const grant = 'update grants set approver_user_ids = $2 where client_id = $1';
    await bench.sql(grant, [client.id, '{}']);
    mail.refuse(false);
    await bench.sql('update notices set next_attempt_at = now() where about_id = $1', [id]);
    await bench.sql(`select pg_notify('countersign', '{"kind":"approval"}')`);
    await told(id, 3);
    const ofMember = (one: { user_id: string }) => one.user_id === bench.userIds.member;
    const member = await until('nothing waits', async () => {
      const found = (await timeline(id)).told.find(ofMember);
      return found.status !== 'pending' && found;
    });
    expect(member.status).toBe('dropped');
    const to = mailsOf(id).map((one) => (Array.isArray(one.to) ? one.to[0] : one.to)!.value[0]!.address);
    expect(to).not.toContain(await addressOf('member'));
    await bench.sql(grant, [client.id, `{${bench.userIds.member}}`]);
  });

  test('who opened it first, and when, is in its timeline and in the audit log', async () => {
    const { approval_id: id } = await hold('Opened');
    for (const name of ['member', 'member', 'owner'] as const) {
      expect((await bench.people[name]('POST', `/v1/approvals/${id}/opened`)).status).toBe(204);
    }
    const { opened } = await timeline(id);
    expect(opened.map(({ user_id }: { user_id: string }) => user_id)).toEqual([
      bench.userIds.member,
      bench.userIds.owner,
    ]);
    const entries = (await bench.entries({ resources: [id] })).filter(
      ({ event_type }) => event_type === 'approval.opened',
    );
    expect(entries.map(({ actor }) => actor.id)).toEqual([bench.userIds.member, bench.userIds.owner]);
  });

  test('a channel is posted to, its address is kept as a secret, and an agent names nobody there', async () => {
    const url = `${receiver.url}/services/T0/B0/canary-address`;
    expect(made(await bench.people.owner('PUT', '/v1/notices/slack', { url }))).toEqual({ configured: true });
    expect((await bench.people.member('PUT', '/v1/notices/slack', { url })).status).toBe(403);
    const { approval_id: id } = await hold('<!channel> @here <https://evil.example|free>', {});
    const posted = await until('it was posted', () => receiver.received.find(({ body }) => body.includes(id)));
    expect(posted.path).toBe(new URL(url).pathname);
    const { text } = JSON.parse(posted.body);
    expect(text).toContain('&lt;!channel&gt;');
    expect(text).toContain(`<${bench.gate.url}/w/demo/inbox/${id}|`);
    expect(text.match(/<[^>]*>/g)).toHaveLength(1);
    expect(text).not.toMatch(/@here|never-told-123/);
    const everything = JSON.stringify([
      await bench.entries(),
      made(await bench.people.owner('GET', '/v1/notices')),
      await bench.sql('select row_to_json(s)::text as row from notify_secrets s'),
      await bench.sql('select row_to_json(s)::text as row from notices s'),
    ]);
    expect(everything).not.toContain('canary-address');
    expect(made(await bench.people.owner('DELETE', '/v1/notices/slack'))).toEqual({ configured: false });
  });

  test('a browser has a message that it alone can read, and one that is gone is forgotten', async () => {
    const { channels } = made(await bench.people.member('GET', '/v1/notices'));
    const readers = ['/201/push-1', '/410/push-2'].map((path) => ({ path, reader: newPushReader() }));
    for (const { path, reader } of readers) {
      const body = { endpoint: receiver.url + path, expirationTime: null, keys: reader.keys };
      made(await bench.people.member('POST', '/v1/notices/push-subscriptions', body));
    }
    const { approval_id: id } = await hold('Pushed');
    const [{ path, reader }] = readers as [(typeof readers)[0]];
    const [pushed] = await until('it was pushed', () => receiver.at(path).length > 0 && receiver.at(path));
    expect(pushed!.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '3600' });
    const claims = readVapid(pushed!.headers.authorization!, channels.push.public_key);
    expect(claims).toMatchObject({ aud: receiver.url, sub: 'mailto:gate@example.com' });
    const message = JSON.parse(reader.open(pushed!.bytes));
    expect(message).toMatchObject({
      path: `/w/demo/inbox/${id}`,
      tag: id,
      title: expect.stringMatching(/^Approval needed/),
    });
    expect(JSON.stringify(message)).not.toContain('never-told-123');
    await until(
      'the other is forgotten',
      async () => made(await bench.people.member('GET', '/v1/notices')).mine.browsers === 1,
    );
    const { told: all } = await timeline(id);
    expect(all).toContainEqual(
      expect.objectContaining({ channel: 'push', status: 'sent', user_id: bench.userIds.member }),
    );
    made(await bench.people.member('DELETE', '/v1/notices/push-subscriptions'));
    expect(made(await bench.people.member('GET', '/v1/notices')).mine.browsers).toBe(0);
  });

  test('a browser shows notices as long as the sign-in lasts in which somebody said so', async () => {
    const { email, password } = bench.gate.demo.users.find(({ role }) => role === 'member')!;
    const signedIn = await bench.gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const there = send(bench.gate.url, { cookie, origin: bench.gate.url });
    const subscription = { endpoint: `${receiver.url}/push/elsewhere`, keys: newPushReader().keys };
    const subscribe = () => there('POST', '/v1/notices/push-subscriptions', subscription);
    expect(made(await subscribe()).browsers).toBe(1);
    // A page makes sure of it whenever it is opened.
    expect(made(await subscribe()).browsers).toBe(1);
    const added = (await bench.entries({ actor: bench.userIds.member })).filter(
      ({ event_type }) => event_type === 'member.browser_added',
    );
    expect(added.at(-1)!.data).toEqual({ subscription_id: expect.stringMatching(/^psh_/) });
    const count = added.length;
    // Left idle it has ended, though nobody has signed out.
    const idle = (hours: number) =>
      bench.sql(
        `update auth_sessions set "updatedAt" = now() - $2 * interval '1 hour'
         where id = (select session_id from push_subscriptions where endpoint = $1)`,
        [subscription.endpoint, hours],
      );
    await idle(13);
    expect(made(await bench.people.member('GET', '/v1/notices')).mine.browsers).toBe(0);
    const { approval_id: id } = await hold('Nobody is there');
    await told(id, 4);
    expect((await timeline(id)).told.map(({ channel }: { channel: string }) => channel)).not.toContain('push');
    await idle(0);
    expect(made(await bench.people.member('GET', '/v1/notices')).mine.browsers).toBe(1);
    made(await there('POST', '/api/auth/sign-out', {}));
    expect(await bench.sql('select id from push_subscriptions where endpoint = $1', [subscription.endpoint])).toEqual(
      [],
    );
    const later = (await bench.entries({ actor: bench.userIds.member })).filter(
      ({ event_type }) => event_type === 'member.browser_added',
    );
    expect(later).toHaveLength(count);
    expect(JSON.stringify(later)).not.toContain('/push/elsewhere');
  });

  test('what a person chooses for themselves has its entry, and what changes nothing has none', async () => {
    const { admin } = bench.people;
    const chosen = async () =>
      (await bench.entries({ actor: bench.userIds.admin })).filter(({ event_type }) =>
        /^member\.(notices|browser)/.test(event_type),
      );
    const before = (await chosen()).length;
    for (const email of [false, false, true]) made(await admin('PATCH', '/v1/notices/mine', { email }));
    const body = { endpoint: `${receiver.url}/push/own`, keys: newPushReader().keys };
    made(await admin('POST', '/v1/notices/push-subscriptions', body));
    for (const nth of [1, 2]) {
      const ended = await admin('DELETE', '/v1/notices/push-subscriptions');
      expect([nth, ended.status]).toEqual([nth, 204]);
    }
    expect((await chosen()).slice(before)).toMatchObject([
      { event_type: 'member.notices_chosen', before_state: { email: true }, after_state: { email: false } },
      { event_type: 'member.notices_chosen', after_state: { email: true, push: true } },
      { event_type: 'member.browser_added', resource: { kind: 'member', id: bench.userIds.admin } },
      { event_type: 'member.browser_removed', data: { because: 'member' } },
    ]);
  });

  test('beyond so many an hour a person is told of the rest at once, and how many more wait', async () => {
    await bench.sql("update notices set created_at = created_at - interval '2 hours'");
    const held = [];
    for (let nth = 1; nth <= PER_HOUR.email + 4; nth += 1) held.push(await hold(`Many ${nth}`));
    const folded = held.slice(-4).map(({ approval_id }) => approval_id as string);
    const statuses = async (id: string): Promise<string[]> =>
      (await timeline(id)).told.map(({ status }: { status: string }) => status);
    await until('all are queued', async () => (await statuses(folded.at(-1)!)).length === 4);
    const first = held[0]!.approval_id;
    await told(first, 4);
    const together = await Promise.all(folded.map(statuses));
    expect(new Set(together.flat())).toEqual(new Set(['folded']));
    // One is decided before they are told of it, and a person has voted on another.
    const [decided, ...waiting] = held.slice(-4) as [(typeof held)[0], ...typeof held];
    const { approval_id: gone, payload_sha256 } = decided;
    const decision = { decision: 'denied', reason: 'no', payload_sha256 };
    made(await bench.people.owner('POST', `/v1/approvals/${gone}/decisions`, decision));
    const before = mail.mails.length;
    await bench.sql("update notices set next_attempt_at = now() where stage = 'several'");
    await bench.sql(`select pg_notify('countersign', '{"kind":"approval"}')`);
    await until('they are told', async () => (await statuses(waiting[0]!.approval_id)).every((one) => one === 'sent'));
    const mails = mail.mails.slice(before).filter(({ subject }) => !subject?.startsWith('Approval needed'));
    expect(mails.map(({ subject }) => subject)).toEqual(Array(4).fill('3 more calls wait for approval in Demo'));
    expect(mails[0]!.text).toContain(`${bench.gate.url}/w/demo/inbox`);
    expect(await statuses(gone)).toEqual(Array(4).fill('dropped'));
    const entries = await bench.entries({ resources: waiting.map(({ approval_id }) => approval_id) });
    expect(entries.filter(({ event_type }) => event_type === 'approval.notified')).toHaveLength(12);
    // The next goes into one of its own.
    const { approval_id: next } = await hold('After that');
    await until('it is queued', async () => (await statuses(next)).length === 4);
    expect(new Set(await statuses(next))).toEqual(new Set(['folded']));
    expect(await bench.sql("select id from notices where stage = 'several' and open")).toHaveLength(4);
    await bench.sql("update notices set created_at = created_at - interval '2 hours'");
  });

  test('owners and admins hear of a webhook that was disabled', async () => {
    const hook = { url: `${receiver.url}/410/gone`, events: ['client.created'] };
    const { id } = made(await bench.people.owner('POST', '/v1/webhooks', hook));
    await bench.newClient();
    await until('they have heard', () => mailsOf(id).length === 3);
    expect(mailsOf(id)[0]!.text).toContain(`/w/demo/settings/webhooks/${id}`);
  });

  test('whoever is removed leaves no browser behind that shows notices', async () => {
    const subscription = { endpoint: `${receiver.url}/push/left`, keys: newPushReader().keys };
    made(await bench.people.viewer('POST', '/v1/notices/push-subscriptions', subscription));
    made(await bench.people.viewer('PATCH', '/v1/notices/mine', { email: false }));
    const id = bench.userIds.viewer;
    expect((await bench.people.owner('DELETE', `/v1/members/${id}`)).status).toBe(204);
    const left = await bench.sql(
      'select user_id from push_subscriptions where user_id = $1 union all select user_id from notice_choices where user_id = $1',
      [id],
    );
    expect(left).toEqual([]);
  });
});
