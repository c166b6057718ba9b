import { deny, isRefused, type Refusal } from '../../kernel/codes.ts';
import { IP_HEADER } from '../auth-server.ts';
import { markDevice } from '../known-device.ts';
import { type Asked, answered, json, type Parts } from '../parts.ts';
import { removeEndedSessions } from '../sessions.ts';

const USER_AGENT_MAX = 256;

export type Entered = {
  readonly user: { readonly id: string; readonly name: string; readonly email: string };
  readonly mustChangePassword: boolean;
  /** The sign-in and the mark of the device. */
  readonly cookies: readonly string[];
};

/** Begins a sign-in with a password. Attempts are counted by the caller. */
export async function enter(
  { server, store, devices, log }: Parts,
  { request, ip }: Asked,
  body: { readonly email: string; readonly password: string; readonly rememberMe: boolean },
): Promise<Entered | Refusal> {
  const { api } = await server();
  const userAgent = (request.headers.get('user-agent') ?? '').slice(0, USER_AGENT_MAX);
  const headers = new Headers({ [IP_HEADER]: ip, 'user-agent': userAgent });
  const signedIn = await answered(() => api.signInEmail({ body, headers, returnHeaders: true }));
  if ('refusedAs' in signedIn) return deny('unauthenticated', 'The e-mail address or the password is wrong.');
  const { id, name, email } = signedIn.response.user;
  await removeEndedSessions(store, id);
  const { must_change_password: mustChangePassword } = await store.people
    .selectFrom('auth_users')
    .select('must_change_password')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  log.info({ ip, userId: id }, 'signed in');
  const mark = markDevice(request.headers.get('cookie'), devices, email, store.clock.now());
  return { user: { id, name, email }, mustChangePassword, cookies: [...signedIn.headers.getSetCookie(), mark] };
}

/** A sign-in as an answer. `more` is said besides. */
export function enteredAnswer(entered: Entered | Refusal, more: Record<string, unknown> = {}): Response | Refusal {
  if (isRefused(entered)) return entered;
  const { user, mustChangePassword, cookies } = entered;
  return json({ user, ...(mustChangePassword && { must_change_password: true }), ...more }, cookies);
}
