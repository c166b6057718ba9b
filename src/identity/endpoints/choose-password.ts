import { z } from 'zod';
import { isRefused, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { personOf, purposeOf, spendLink } from '../links/one-time.ts';
import { linkToken } from '../links/token.ts';
import { inOwnLog } from '../own-log.ts';
import type { Parts, Serve } from '../parts.ts';
import { hashPassword } from '../passwords/hash.ts';
import { chosenPassword, refuseWeak } from '../passwords/rules.ts';
import { setPassword } from '../passwords/set.ts';
import { enter, enteredAnswer } from './enter.ts';
import { readLinkBody } from './links.ts';

const body = z.strictObject({ token: linkToken, password: chosenPassword });

/** `POST /api/auth/password`: chooses a password with a one-time link, ends every sign-in of before, and signs in. */
export function choosePassword(parts: Parts): Serve {
  return async (asked) => {
    const { store } = parts;
    const given = await readLinkBody(parts, asked, body);
    if (isRefused(given)) return given;
    const link = sha256Hex(given.token);
    const userId = personOf(await purposeOf(store, link));
    if (userId === undefined) return problem('link_invalid');
    const { email, name } = await store.people
      .selectFrom('auth_users')
      .select(['email', 'name'])
      .where('id', '=', userId)
      .executeTakeFirstOrThrow();
    const weak = await refuseWeak('password', given.password, [email, name]);
    if (weak) return weak;
    const hash = await hashPassword(given.password);
    const actor = { kind: 'member', id: userId, ip: asked.ip } as const;
    const set = await inOwnLog(
      store,
      userId,
      { event_type: 'member.password_changed', actor, outcome: 'changed', data: { by: 'link' } },
      async (db) => (personOf(await spendLink(db, link)) === userId ? setPassword(db, { userId, hash }) : undefined),
    );
    if (set === undefined) return problem('link_invalid');
    parts.log.info({ ip: asked.ip, userId }, 'password chosen with a link');
    return enteredAnswer(await enter(parts, asked, { email, password: given.password, rememberMe: true }));
  };
}
