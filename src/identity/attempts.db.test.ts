import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { engines } from '../../test/support/engines.ts';
import { pendingAudit } from '../../test/support/workspace.ts';
import { isRefused, type Problem } from '../kernel/codes.ts';
import { RateLimiter } from '../limits/rate-limiter.ts';
import { ada, cookiesOf, served, useSignIn } from './sign-in.fixture.ts';
import { createUser } from './users.ts';
import { createWorkspace } from './workspaces/create.ts';

describe.each(engines)('attempts to sign in on %s', (engine) => {
  const log = pino({ level: 'silent' });
  const { make, post, who, store } = useSignIn(engine, log);

  test('ten tries a minute for one address from one place, then a wait that is told', async () => {
    const via = make();
    const attempt = (email: string, from: string) =>
      post('/sign-in/email', { email, password: 'not the password' }, {}, from, via);
    for (let tries = 0; tries < 10; tries += 1) {
      expect(await attempt('eve@example.com', '198.51.100.1')).toMatchObject({ code: 'unauthenticated' });
    }
    const refused = await attempt('EVE@example.com', '198.51.100.1');
    expect(refused).toMatchObject({ kind: 'problem', code: 'too_many_requests' });
    expect((refused as Problem).retryAfterSeconds).toBeGreaterThan(0);
    // Somebody else's tries are not theirs.
    expect(await attempt('eve@example.com', '198.51.100.2')).toMatchObject({ code: 'unauthenticated' });
  });

  test('guessing at one account from many places is limited, and does not lock its owner out', async () => {
    const via = make();
    const home = '198.51.100.200';
    const known = cookiesOf(await post('/sign-in/email', { email: ada.email, password: ada.password }, {}, home, via));
    const guess = (place: number) =>
      post(
        '/sign-in/email',
        { email: ada.email, password: `guess number ${place}` },
        {},
        `203.0.113.${place % 20}`,
        via,
      );
    const codes: string[] = [];
    for (let place = 0; place < 60; place += 1) {
      const answer = await guess(place);
      codes.push(isRefused(answer) ? answer.code : 'in');
    }
    // Ada's own, as a stranger, was the first of twenty.
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(19);
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(41);

    const enterWith = (cookie: string, from = '203.0.113.1') =>
      post('/sign-in/email', { email: ada.email, password: ada.password }, { cookie }, from, via);
    expect(await enterWith('')).toMatchObject({ code: 'too_many_requests' });
    // A new device where she is signed in already is hers, as far as that place has attempts left.
    expect(served(await enterWith('', home)).status).toBe(200);
    const device = known.split('; ').find((pair) => pair.startsWith('countersign.device='))!;
    expect(served(await enterWith(device)).status).toBe(200);
    // The mark of one account's device is none for another account, and a device has a limit, too.
    expect(isRefused(await enterWith(device.replace(/.$/, '_'), '203.0.113.2'))).toBe(true);
    let refused = 0;
    for (let tries = 0; tries < 12; tries += 1) refused += isRefused(await enterWith(device)) ? 1 : 0;
    expect(refused).toBeGreaterThan(0);
  });

  test('refused sign-ins are one counted entry in the log of the workspace that was used last', async () => {
    const via = make();
    const email = 'lovelace@example.com';
    const user = await createUser(store(), { ...ada, email });
    const own = await createWorkspace(store(), { slug: 'own', name: 'Own', ownerUserId: user!.id });
    if (isRefused(own)) throw new Error(own.detail);
    for (let tries = 0; tries < 3; tries += 1) {
      await post('/sign-in/email', { email, password: 'not the password' }, {}, '198.51.100.77', via);
    }
    await post('/sign-in/email', { email: 'nobody@example.com', password: 'not the password' }, {}, undefined, via);
    await via.enterRefused();
    await via.enterRefused();
    const entries = (await pendingAudit(store(), own.tenantId)).filter(
      ({ event_type }) => event_type === 'member.sign_in_refused',
    );
    expect(entries).toMatchObject([
      {
        actor: { kind: 'visitor', ip: '198.51.100.77' },
        resource: { kind: 'member', id: user!.id },
        data: { count: 3 },
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain(email);
  });

  test('sixty tries a minute from one place, whoever they are for', async () => {
    const limiter = new RateLimiter();
    for (let taken = 0; taken < 60; taken += 1) await limiter.take('sign-in:198.51.100.3', 60);
    const answer = await post(
      '/sign-in/email',
      { email: 'x@example.com', password: 'x' },
      {},
      '198.51.100.3',
      make({ limiter }),
    );
    expect(answer).toMatchObject({ code: 'too_many_requests' });
  });

  test('what a request says of its address is not looked at', async () => {
    const limiter = new RateLimiter();
    for (let taken = 0; taken < 60; taken += 1) await limiter.take('sign-in:198.51.100.4', 60);
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-countersign-ip': '203.0.113.9' };
    const body = { email: ada.email, password: ada.password };
    expect(await post('/sign-in/email', body, headers, '198.51.100.4', make({ limiter }))).toMatchObject({
      code: 'too_many_requests',
    });

    const cookie = cookiesOf(await post('/sign-in/email', body, headers, '198.51.100.5'));
    const { sessionId } = (await who(cookie))!;
    const row = await store()
      .people.selectFrom('auth_sessions')
      .select('ipAddress')
      .where('id', '=', sessionId)
      .executeTakeFirst();
    expect(row?.ipAddress).toBe('198.51.100.5');
  });
});
