import { z } from 'zod';
import { deny, isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { takePasswordChange } from '../attempts.ts';
import { inOwnLog } from '../own-log.ts';
import type { Parts, Serve } from '../parts.ts';
import { hashPassword, isPassword } from '../passwords/hash.ts';
import { chosenPassword, givenPassword, refuseWeak } from '../passwords/rules.ts';
import { setPassword, storedHash } from '../passwords/set.ts';
import { readSignInBody } from '../sign-in-body.ts';
import { enter, enteredAnswer } from './enter.ts';

const body = z.strictObject({ currentPassword: givenPassword, newPassword: chosenPassword });

/** `POST /api/auth/change-password`: whoever has signed in with the old one is signed out. */
export function changePassword(parts: Parts): Serve {
  return async (asked) => {
    const { store, limiter, log } = parts;
    const { ip } = asked;
    const who = await parts.person(asked.request.headers);
    if (who === null) return deny('unauthenticated', 'Sign in first.');
    const given = await readSignInBody(asked.request, body);
    if (isRefused(given)) return given;
    const { currentPassword, newPassword } = given;
    const refused = await takePasswordChange(limiter, who.userId);
    if (refused) return refused;

    const stored = await storedHash(store.people, who.userId);
    if (stored === null || !(await isPassword(currentPassword, stored))) {
      log.warn({ ip, userId: who.userId }, 'change of password refused');
      return about('currentPassword', 'is not your present password');
    }
    if (newPassword === currentPassword) return about('newPassword', 'is your present password: choose another one');
    const weak = await refuseWeak('newPassword', newPassword, [who.email, who.name]);
    if (weak) return weak;
    const hash = await hashPassword(newPassword);
    const actor = { kind: 'member', id: who.userId, session: who.sessionId, ip } as const;
    const changed = await inOwnLog(
      store,
      who.userId,
      { event_type: 'member.password_changed', actor, outcome: 'changed' },
      // Somebody may have signed them out meanwhile, or have changed it.
      async (db) => {
        const session = await db
          .selectFrom('auth_sessions')
          .select('id')
          .where('id', '=', who.sessionId)
          .forUpdate()
          .executeTakeFirst();
        return session && setPassword(db, { userId: who.userId, hash, replaces: stored });
      },
    );
    if (changed === undefined) return deny('unauthenticated', 'Sign in first.');
    log.info({ ip, userId: who.userId }, 'password changed');
    return enteredAnswer(await enter(parts, asked, { email: who.email, password: newPassword, rememberMe: true }));
  };
}

function about(field: string, message: string): Problem {
  return problem('invalid_request', `${field} ${message}.`, [{ field, message }]);
}
