import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLink } from '../src/identity/links/one-time.ts';
import { createUser } from '../src/identity/users.ts';
import { createWorkspace } from '../src/identity/workspaces/create.ts';
import { makeSetupLink } from '../src/identity/workspaces/found.ts';
import { isRefused } from '../src/kernel/codes.ts';
import { engines } from './support/engines.ts';
import { type Gate, type Reply, type Send, send, startGate } from './support/gate.ts';

const PASSWORD = 'seven brass lanterns';
const OTHER_PASSWORD = 'nine velvet umbrellas';

const cookiesOf = (reply: Reply): string =>
  reply.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
const tokenOf = (link: string): string => new URL(link).hash.replace('#token=', '');

describe.each(engines)('who gets in on %s', (engine) => {
  let gate: Gate;
  let owner: Send;
  let nth = 0;
  beforeAll(async () => {
    gate = await startGate(engine);
    owner = await gate.person('owner');
  });
  afterAll(() => gate?.close());

  const newEmail = (): string => `joining-${++nth}@example.com`;
  const as = (reply: Reply): Send => send(gate.url, { cookie: cookiesOf(reply), origin: gate.url });
  const invite = async (by: Send, email: string, role = 'member'): Promise<string> => {
    const { status, body, text } = await by('POST', '/v1/members', { email, role });
    if (status !== 201) throw new Error(text);
    return tokenOf(body.link);
  };
  const join = (token: string, password = PASSWORD) =>
    gate.anyone('POST', '/api/auth/invitation/join', { token, name: 'Somebody', password });
  const enter = (email: string, password: string) =>
    gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
  const workspacesOf = async (person: Send): Promise<string[]> =>
    (await person('GET', '/v1/me')).body.workspaces.map(({ slug }: { slug: string }) => slug);

  test('a link leads to a page with its token where no server sees it', async () => {
    const { body } = await owner('POST', '/v1/members', { email: newEmail(), role: 'viewer' });
    expect(body.link).toMatch(new RegExp(`^${gate.url}/join#token=[A-Za-z0-9_-]{43}$`));
    const told = await gate.anyone('POST', '/api/auth/link', { token: tokenOf(body.link) });
    expect(told.body).toMatchObject({ kind: 'invitation', email: body.email, role: 'viewer', workspace: 'Demo' });
  });

  test('a demo password opens the demo and no other workspace until it is changed', async () => {
    const theirs = await gate.person('owner', 0, gate.other);
    const { email, password } = gate.demo.users.find(({ role }) => role === 'viewer')!;
    const stolen = await enter(email, password);
    expect(stolen.body).toMatchObject({ must_change_password: true });
    expect(await workspacesOf(as(stolen))).toEqual(['demo']);
    const token = await invite(theirs, email);
    const accept = (person: Send) => person('POST', '/api/auth/invitation/accept', { token });
    expect((await accept(as(stolen))).body).toMatchObject({ status: 403, code: 'password_change_required' });
    const changed = await as(stolen)('POST', '/api/auth/change-password', {
      currentPassword: password,
      newPassword: PASSWORD,
    });
    expect((await accept(as(changed))).status).toBe(200);
    expect((await workspacesOf(as(changed))).sort()).toEqual(['demo', 'other']);
    expect((await enter(email, password)).status).toBe(401);
  });

  test('a password that others know reaches nothing but its own change, on every route of a workspace', async () => {
    const email = newEmail();
    await join(await invite(owner, email, 'admin'));
    const { store } = gate.running.app;
    await store.people
      .updateTable('auth_users')
      .set({ must_change_password: true })
      .where('email', '=', email)
      .execute();
    const person = as(await enter(email, PASSWORD));
    for (const path of ['/v1/me', '/v1/me/sessions', '/v1/members', '/v1/audit', '/v1/events', '/v1/executions']) {
      const reply = await person('GET', path);
      expect([path, reply.status, reply.body?.code]).toEqual([path, 403, 'password_change_required']);
    }
    expect((await person('POST', '/v1/members', { email: newEmail(), role: 'admin' })).body).toMatchObject({
      code: 'password_change_required',
    });
    const change = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    const changed = await person('POST', '/api/auth/change-password', change);
    expect((await as(changed)('GET', '/v1/members')).status).toBe(200);
  });

  test('whoever makes an account for an address gets into no workspace that invites the address later', async () => {
    const { store } = gate.running.app;
    const eve = (await createUser(store, { email: newEmail(), name: 'Eve', password: PASSWORD }))!;
    const trap = await createWorkspace(store, { slug: 'trap', name: 'Trap', ownerUserId: eve.id });
    if (isRefused(trap)) throw new Error(trap.detail);
    const { email: evesEmail } = await store.people
      .selectFrom('auth_users')
      .select('email')
      .where('id', '=', eve.id)
      .executeTakeFirstOrThrow();
    const victim = newEmail();
    const theirAccount = await join(await invite(as(await enter(evesEmail, PASSWORD)), victim));
    expect(theirAccount.status).toBe(200);

    const link = await invite(owner, victim, 'admin');
    expect(await workspacesOf(as(await enter(victim, PASSWORD)))).toEqual(['trap']);
    // The victim, with the link, is told that somebody was there first, and joins nothing by it.
    expect((await join(link, OTHER_PASSWORD)).body).toMatchObject({ status: 409, code: 'conflict' });
    // The operator's link gives the account to whoever the address belongs to, and ends what Eve has.
    const { id } = await store.people
      .selectFrom('auth_users')
      .select('id')
      .where('email', '=', victim)
      .executeTakeFirstOrThrow();
    const token = await store.people.transaction().execute((db) => makeLink(db, `password:${id}`));
    const reset = await gate.anyone('POST', '/api/auth/password', { token, password: OTHER_PASSWORD });
    expect(reset.status).toBe(200);
    expect((await as(theirAccount)('GET', '/v1/me')).status).toBe(401);
    expect((await enter(victim, PASSWORD)).status).toBe(401);
    expect((await gate.anyone('POST', '/api/auth/password', { token, password: PASSWORD })).body).toMatchObject({
      code: 'link_invalid',
    });
    expect((await as(reset)('POST', '/api/auth/invitation/accept', { token: link })).status).toBe(200);
  });

  test('a link is for its address: somebody else who is signed in does not join with it', async () => {
    const theirs = await gate.person('owner', 0, gate.other);
    const email = newEmail();
    const mine = await join(await invite(owner, email));
    const token = await invite(theirs, newEmail(), 'admin');
    const reply = await as(mine)('POST', '/api/auth/invitation/accept', { token });
    expect(reply.body).toMatchObject({ status: 409, code: 'conflict' });
    expect((await gate.anyone('POST', '/api/auth/invitation/accept', { token })).status).toBe(401);
    expect(await workspacesOf(as(mine))).toEqual(['demo']);
  });

  test.each([
    ['a common password', { password: 'password123' }, 'password'],
    ['one letter', { password: 'aaaaaaaaaa' }, 'password'],
    ['a short one', { password: 'x9$kQ' }, 'password'],
    ['no name', { name: ' ' }, 'name'],
    ['a hidden character in the name', { name: 'a\u202eb' }, 'name'],
    ['a broken token', { token: 'short' }, 'token'],
    ['a role of their own', { role: 'owner' }, '(body)'],
  ])('joining with %s is refused and names the field', async (_name, given, field) => {
    const token = await invite(owner, newEmail());
    const body = { token, name: 'Somebody', password: PASSWORD, ...given };
    const reply = await gate.anyone('POST', '/api/auth/invitation/join', body);
    expect(reply.status).toBe(422);
    expect(reply.body.errors[0].field).toBe(field);
    expect(reply.text).not.toContain(token);
  });

  test('links of a made-up token are counted by network', async () => {
    const codes: string[] = [];
    const fresh = await startGate(engine);
    try {
      for (let tries = 0; tries < 40; tries += 1) {
        const token = 'x'.repeat(43);
        codes.push((await fresh.anyone('POST', '/api/auth/link', { token })).body.code);
      }
      // A set-up link is made for an empty store only.
      expect(await makeSetupLink(fresh.running.app.store)).toBeUndefined();
    } finally {
      await fresh.close();
    }
    expect(codes.slice(0, 30).every((code) => code === 'link_invalid')).toBe(true);
    expect(codes.filter((code) => code === 'too_many_requests').length).toBeGreaterThan(5);
  });

  test('a person sees where they are signed in, and ends it', async () => {
    const fresh = await startGate(engine);
    try {
      const { email, password } = fresh.demo.users.find(({ role }) => role === 'member')!;
      const signIn = () =>
        fresh.anyone('POST', '/api/auth/sign-in/email', { email, password }, { 'user-agent': 'A browser' });
      const senderOf = (reply: Reply): Send => send(fresh.url, { cookie: cookiesOf(reply), origin: fresh.url });
      const [here, there, lost] = [senderOf(await signIn()), senderOf(await signIn()), senderOf(await signIn())];
      const { items } = (await here('GET', '/v1/me/sessions')).body;
      expect(items).toHaveLength(3);
      expect(items.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
      expect(items[0]).toMatchObject({ user_agent: 'A browser', ip: '127.0.0.1' });
      const others = await fresh.person('admin');
      const theirs = items.find(({ current }: { current: boolean }) => !current).id;
      expect((await others('DELETE', `/v1/me/sessions?id=${theirs}`)).status).toBe(404);
      expect((await here('DELETE', '/v1/me/sessions?id=nonsense')).status).toBe(422);
      expect((await here('DELETE', `/v1/me/sessions?id=${theirs}`)).status).toBe(204);
      const alive = await Promise.all([there, lost].map(async (one) => (await one('GET', '/v1/me')).status));
      expect(alive.sort()).toEqual([200, 401]);
      expect((await here('DELETE', '/v1/me/sessions')).status).toBe(204);
      expect((await there('GET', '/v1/me')).status + (await lost('GET', '/v1/me')).status).toBe(802);
      expect((await here('GET', '/v1/me')).status).toBe(200);
      await fresh.sequenced();
      const { body } = await (await fresh.person('owner'))('GET', '/v1/audit?event=member.sessions_ended');
      expect(body.items).toHaveLength(2);
    } finally {
      await fresh.close();
    }
  });
});
