import { z } from 'zod';
import { isRefused } from '../../kernel/codes.ts';
import { takeSignIn } from '../attempts.ts';
import { clientNetwork } from '../client-network.ts';
import { knownDevice } from '../known-device.ts';
import type { Parts, Serve } from '../parts.ts';
import { givenPassword } from '../passwords/rules.ts';
import { isSignedInFrom } from '../sessions.ts';
import { readSignInBody } from '../sign-in-body.ts';
import { enter, enteredAnswer } from './enter.ts';

const body = z.strictObject({
  email: z.string({ error: 'write an e-mail address' }).min(1, 'must not be empty').max(254, 'at most 254 characters'),
  password: givenPassword,
  rememberMe: z.boolean().default(true),
});

/** `POST /api/auth/sign-in/email`. */
export function signIn(parts: Parts): Serve {
  return async (asked) => {
    const { request, ip } = asked;
    const given = await readSignInBody(request, body);
    if (isRefused(given)) return given;
    const email = given.email.trim().toLowerCase();
    const device = knownDevice(request.headers.get('cookie'), parts.devices, email, parts.store.clock.now());
    const network = clientNetwork(ip);
    const refused = await takeSignIn(parts.limiter, { network, email, device }, () =>
      isSignedInFrom(parts.store, email, network),
    );
    if (refused) {
      parts.refused.note(email, ip);
      parts.log.warn({ ip }, 'too many sign-in attempts');
      return refused;
    }
    const entered = await enter(parts, asked, { ...given, email });
    if (isRefused(entered)) {
      parts.refused.note(email, ip);
      parts.log.warn({ ip }, 'sign-in refused');
    }
    return enteredAnswer(entered);
  };
}
