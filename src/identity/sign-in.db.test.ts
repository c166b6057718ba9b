import { sql } from 'kysely';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { engines } from '../../test/support/engines.ts';
import { ada, cookiesOf, secret, served, useSignIn } from './sign-in.fixture.ts';
import { createUser } from './users.ts';

describe.each(engines)('sign-in on %s', (engine) => {
  let logged = '';
  const log = pino(
    {},
    {
      write: (line: string) => {
        logged += line;
      },
    },
  );
  const { make, ask, post, who, store } = useSignIn(engine, log);
  afterEach(() => {
    logged = '';
  });

  const enter = async (password = ada.password): Promise<string> =>
    cookiesOf(await post('/sign-in/email', { email: ada.email, password }));

  test('the right password gives a cookie that says who it is, and no token elsewhere', async () => {
    const answer = served(await post('/sign-in/email', { email: 'ADA@example.com', password: ada.password }));
    const [cookie, device, ...others] = answer.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(device).toMatch(
      /^countersign\.device=[\w~]+; Max-Age=15552000; Path=\/api\/auth; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).toMatch(/^countersign\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
    const body = await answer.text();
    expect(JSON.parse(body)).toEqual({ user: { id: expect.stringMatching(/^usr_/), name: 'Ada', email: ada.email } });
    const token = decodeURIComponent(cookie!.split('=')[1]!).split('.')[0]!;
    expect(body).not.toContain(token);
    expect(await who(cookie!.split(';')[0]!)).toMatchObject({ name: 'Ada', email: ada.email });
  });

  test('over https the cookie is Secure', async () => {
    const answer = await post(
      '/sign-in/email',
      { email: ada.email, password: ada.password },
      {},
      undefined,
      make({ secureCookies: true }),
    );
    expect(served(answer).headers.getSetCookie()[0]).toMatch(/^__Secure-countersign\.session_token=.*; Secure/);
  });

  test('a wrong password and an unknown address are answered alike, and neither is logged', async () => {
    const wrong = await post('/sign-in/email', { email: ada.email, password: 'not the password' });
    const unknown = await post('/sign-in/email', { email: 'nobody@example.com', password: 'not the password' });
    const malformed = await post('/sign-in/email', { email: 'no address', password: 'not the password' });
    expect(wrong).toMatchObject({ kind: 'deny', code: 'unauthenticated' });
    expect(unknown).toEqual(wrong);
    expect(malformed).toEqual(wrong);
    await enter();
    expect(logged.match(/sign-in refused/g)).toHaveLength(3);
    expect(logged.match(/signed in/g)).toHaveLength(1);
    for (const hidden of [ada.email, 'nobody@example.com', 'not the password', ada.password]) {
      expect(logged).not.toContain(hidden);
    }
  });

  test('signing out ends it: the cookie is nobody from then on', async () => {
    const cookie = await enter();
    const out = served(await post('/sign-out', {}, { cookie }));
    expect(out.headers.getSetCookie()[0]).toMatch(/^countersign\.session_token=; Max-Age=0/);
    expect(await who(cookie)).toBeNull();
    served(await post('/sign-out', {}, { cookie }));
    served(await post('/sign-out', {}));
  });

  test('a sign-in ends after seven days, and after twelve hours without use', async () => {
    const cookie = await enter();
    const { sessionId } = (await who(cookie))!;
    const turn = (columns: Record<string, ReturnType<typeof sql>>) =>
      store().people.updateTable('auth_sessions').set(columns).where('id', '=', sessionId).execute();

    await turn({ updatedAt: sql`now() - interval '11 hours'` });
    expect(await who(cookie)).not.toBeNull();
    // Asking was a use, so the twelve hours start again.
    const { updatedAt } = await store()
      .people.selectFrom('auth_sessions')
      .select('updatedAt')
      .where('id', '=', sessionId)
      .executeTakeFirstOrThrow();
    expect(updatedAt.getTime()).toBeGreaterThan(store().clock.now().getTime() - 60_000);

    await turn({ updatedAt: sql`now() - interval '12 hours 1 second'` });
    expect(await who(cookie)).toBeNull();
    await turn({ updatedAt: sql`now()`, expiresAt: sql`now()` });
    expect(await who(cookie)).toBeNull();
    await enter();
    const left = await store().people.selectFrom('auth_sessions').select('id').where('id', '=', sessionId).execute();
    expect(left).toEqual([]);
  });

  test("the end of a sign-in is the database's time, whatever this machine's clock says", async () => {
    const cookie = await enter();
    const { sessionId } = (await who(cookie))!;
    const { seconds } = await store()
      .people.selectFrom('auth_sessions')
      .select(sql<number>`extract(epoch from "expiresAt" - now())::float8`.as('seconds'))
      .where('id', '=', sessionId)
      .executeTakeFirstOrThrow();
    expect(Math.abs(seconds - 7 * 86_400)).toBeLessThan(60);
  });

  test.each([
    ['garbage', 'countersign.session_token=garbage'],
    ['an unsigned token', `countersign.session_token=${'a'.repeat(32)}`],
    ['SQL', `countersign.session_token=${encodeURIComponent("' or 1=1--.x")}`],
    ['nothing', ''],
  ])('%s in the cookie is nobody', async (_name, cookie) => {
    expect(await who(cookie)).toBeNull();
    expect(await served(await ask('/get-session', { headers: { cookie } })).json()).toBeNull();
  });

  test("another installation's cookie is nobody", async () => {
    const cookie = await enter();
    expect(await make({ secret: `${secret}!` }).person(new Headers({ cookie }))).toBeNull();
  });

  test('the session says who is signed in, without its token', async () => {
    const cookie = await enter();
    const text = await served(await ask('/get-session', { headers: { cookie } })).text();
    expect(JSON.parse(text)).toMatchObject({ user: { email: ada.email }, session: { id: expect.any(String) } });
    expect(text).not.toContain(decodeURIComponent(cookie.split('=')[1]!).split('.')[0]);
  });

  test.each<[string, string, RequestInit, string]>([
    ['another site', '/sign-in/email', { method: 'POST', headers: { origin: 'https://evil.example' } }, 'bad_origin'],
    [
      'a form',
      '/sign-in/email',
      { method: 'POST', body: 'email=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'unsupported_media_type',
    ],
    [
      'broken JSON',
      '/sign-in/email',
      { method: 'POST', body: '{"email":', headers: { 'content-type': 'application/json' } },
      'malformed_body',
    ],
    [
      'a key twice',
      '/sign-in/email',
      {
        method: 'POST',
        body: '{"email":"a","email":"b","password":"c"}',
        headers: { 'content-type': 'application/json' },
      },
      'malformed_body',
    ],
    [
      'an unknown field',
      '/sign-in/email',
      {
        method: 'POST',
        body: '{"email":"a","password":"b","callbackURL":"https://evil.example"}',
        headers: { 'content-type': 'application/json' },
      },
      'invalid_request',
    ],
    [
      'a number for a password',
      '/sign-in/email',
      { method: 'POST', body: '{"email":"a","password":1}', headers: { 'content-type': 'application/json' } },
      'invalid_request',
    ],
    [
      '65 kB',
      '/sign-in/email',
      {
        method: 'POST',
        body: JSON.stringify({ email: 'a'.repeat(65_536) }),
        headers: { 'content-type': 'application/json' },
      },
      'payload_too_large',
    ],
    ['GET for a POST', '/sign-in/email', {}, 'method_not_allowed'],
    ['POST for a GET', '/get-session', { method: 'POST' }, 'method_not_allowed'],
  ])('%s is refused with a code', async (_name, path, init, code) => {
    expect(await ask(path, init)).toMatchObject({ kind: 'problem', code });
  });

  test.each([
    '/sign-up/email',
    '/change-email',
    '/delete-user',
    '/update-user',
    '/list-sessions',
    '/revoke-sessions',
    '/request-password-reset',
    '/reset-password',
    '/sign-in/social',
    '/callback/github',
    '/list-accounts',
    '/error',
    '/',
    '/constructor',
    '/%2e%2e/sign-up/email',
  ])('%s of better-auth is not served', async (path) => {
    const body = { email: 'new@example.com', password: 'a long enough password', name: 'New' };
    expect(await post(path, body)).toMatchObject({ code: 'not_found' });
  });

  test('a change of password needs the old one, and ends every other sign-in', async () => {
    const grace = { email: 'grace@example.com', name: 'Grace', password: 'eleven copper kettles' };
    await createUser(store(), grace);
    const enterAs = async (password: string) =>
      cookiesOf(await post('/sign-in/email', { email: grace.email, password }));
    const [mine, stolen] = [await enterAs(grace.password), await enterAs(grace.password)];
    const change = (currentPassword: string, newPassword: string, cookie = mine) =>
      post('/change-password', { currentPassword, newPassword }, { cookie });

    expect(await change(grace.password, 'nine velvet umbrellas', '')).toMatchObject({ code: 'unauthenticated' });
    expect(await change('a wrong password', 'nine velvet umbrellas')).toMatchObject({
      code: 'invalid_request',
      errors: [{ field: 'currentPassword' }],
    });
    expect(await change(grace.password, 'short')).toMatchObject({ code: 'invalid_request' });
    for (const weak of ['aaaaaaaaaa', 'password123', 'qwertyuiop', 'grace@example.com', grace.password]) {
      expect(await change(grace.password, weak), weak).toMatchObject({
        code: 'invalid_request',
        errors: [{ field: 'newPassword' }],
      });
    }
    expect(await who(mine)).not.toBeNull();

    const changed = await change(grace.password, 'nine velvet umbrellas');
    expect(await served(changed).clone().text()).not.toContain('token');
    expect(await who(mine)).toBeNull();
    expect(await who(stolen)).toBeNull();
    expect(await who(cookiesOf(changed))).toMatchObject({ email: grace.email });
    expect(await post('/sign-in/email', { email: grace.email, password: grace.password })).toMatchObject({
      code: 'unauthenticated',
    });
    expect(await who(await enterAs('nine velvet umbrellas'))).not.toBeNull();
  });

  test('an address is taken once, and a password is long enough', async () => {
    expect(await createUser(store(), { ...ada, email: 'ADA@example.com' })).toBeNull();
    await expect(createUser(store(), { ...ada, email: 'b@example.com', password: 'short' })).rejects.toThrow(
      RangeError,
    );
  });

  test('not remembered means a cookie that ends with the browser', async () => {
    const answer = served(
      await post('/sign-in/email', { email: ada.email, password: ada.password, rememberMe: false }),
    );
    const session = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('countersign.session_token='));
    expect(session).not.toContain('Max-Age');
    expect(await who(cookiesOf(answer))).toMatchObject({ email: ada.email });
  });

  test('many at once do not stop each other', async () => {
    const cookies = await Promise.all(Array.from({ length: 8 }, () => enter()));
    const people = await Promise.all(cookies.map(who));
    expect(people.every((person) => person?.email === ada.email)).toBe(true);
    expect(new Set(people.map((person) => person?.sessionId)).size).toBe(8);
  });
});
