import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { engines } from '../../test/support/engines.ts';
import { endSessions, listSessions } from './own-sessions.ts';
import { ada, cookiesOf, useSignIn } from './sign-in.fixture.ts';

describe.each(engines)('the sign-ins of a person on %s', (engine) => {
  const { post, who, store } = useSignIn(engine, pino({ level: 'silent' }));
  const enter = async () =>
    (await who(cookiesOf(await post('/sign-in/email', { email: ada.email, password: ada.password }))))!;

  test('one that has been ended ends no other, although its request was let in before', async () => {
    const [thief, owner] = [await enter(), await enter()];
    expect(await endSessions(store(), owner, '192.0.2.1', thief.sessionId)).toBeUndefined();
    expect(await endSessions(store(), thief, '192.0.2.2', undefined)).toMatchObject({ code: 'unauthenticated' });
    expect(await endSessions(store(), thief, '192.0.2.2', owner.sessionId)).toMatchObject({ code: 'unauthenticated' });
    expect((await listSessions(store(), owner)).map(({ id }) => id)).toEqual([owner.sessionId]);
  });
});
