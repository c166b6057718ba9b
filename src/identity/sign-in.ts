import type { Logger } from 'pino';
import { z } from 'zod';
import { deny, type FieldError, isRefused, type Problem, problem, type Refusal } from '../kernel/codes.ts';
import { sha256Hex } from '../kernel/hash.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import { type AuthServer, COOKIE_PREFIX, createAuthServer, IP_HEADER } from './auth-server.ts';
import { clientNetwork } from './client-network.ts';
import type { Person } from './person.ts';
import { isSameOrigin } from './same-origin.ts';
import { sessionCookieName } from './session-cookie.ts';
import { endSession, readPerson, removeEndedSessions } from './sessions.ts';
import { readSignInBody } from './sign-in-body.ts';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './users.ts';

/** People's sign-in: e-mail and password with better-auth, under `/api/auth/*`. */
export type SignIn = {
  /** Serves `/api/auth/*`. A refusal is a value, which `api/problems.ts` turns into HTTP. */
  handle(request: Request, ip: string): Promise<Response | Refusal | Problem>;
  /** The one method that a path under `/api/auth/` takes; undefined where there is no such path. */
  methodOf(path: string): 'GET' | 'POST' | undefined;
  /** Who the request's cookie belongs to, read from the database each time, or null. */
  person(headers: Headers): Promise<Person | null>;
};

export type SignInOptions = {
  readonly store: Store;
  readonly limiter: RateLimiter;
  /** Signs the cookies: at least 32 random characters, the same on every node. */
  readonly secret: string;
  /** Where people reach this server. Its pages may ask, beside those of the host that was asked. */
  readonly publicUrl: string;
  /** Whether cookies are only sent over TLS: when the public URL is https. */
  readonly secureCookies: boolean;
  readonly log: Logger;
};

export const AUTH_PATH = '/api/auth';
const ATTEMPTS_PER_NETWORK = 60;
const ATTEMPTS_PER_PERSON = 10;
const USER_AGENT_MAX = 256;

const password = z
  .string({ error: 'write a password' })
  .min(1, 'must not be empty')
  .max(PASSWORD_MAX_LENGTH, `at most ${PASSWORD_MAX_LENGTH} characters`);
const signInBody = z.strictObject({
  email: z.string({ error: 'write an e-mail address' }).min(1, 'must not be empty').max(254, 'at most 254 characters'),
  password,
  rememberMe: z.boolean().default(true),
});
const changePasswordBody = z.strictObject({
  currentPassword: password,
  newPassword: password.min(PASSWORD_MIN_LENGTH, `at least ${PASSWORD_MIN_LENGTH} characters`),
});

type Asked = { readonly request: Request; readonly ip: string };
type Answer = Response | Refusal | Problem;

/** Opens people's sign-in. Nothing is loaded or read until somebody asks. */
export function createSignIn(options: SignInOptions): SignIn {
  const { store, limiter, secret, publicUrl, secureCookies, log } = options;
  const cookie = { name: sessionCookieName(COOKIE_PREFIX, secureCookies), secret };
  const person = (headers: Headers): Promise<Person | null> => readPerson(store, headers.get('cookie'), cookie);
  let loaded: Promise<AuthServer> | undefined;
  const server = (): Promise<AuthServer> => {
    loaded ??= createAuthServer(options);
    return loaded;
  };

  const tooMany = async (key: string, limitPerMinute: number): Promise<Problem | undefined> => {
    const { allowed, retryAfterSeconds } = await limiter.take(key, limitPerMinute);
    return allowed ? undefined : { ...problem('too_many_requests'), retryAfterSeconds };
  };

  async function signIn({ request, ip }: Asked): Promise<Answer> {
    const body = await readSignInBody(request, signInBody);
    if (isRefused(body)) return body;
    const network = clientNetwork(ip);
    const email = body.email.trim().toLowerCase();
    const refused =
      (await tooMany(`sign-in:${network}`, ATTEMPTS_PER_NETWORK)) ??
      (await tooMany(`sign-in:${network}:${sha256Hex(email)}`, ATTEMPTS_PER_PERSON));
    if (refused) {
      log.warn({ ip }, 'too many sign-in attempts');
      return refused;
    }
    const { api } = await server();
    const headers = new Headers({ [IP_HEADER]: ip, 'user-agent': userAgent(request) });
    const signedIn = await answered(() => api.signInEmail({ body: { ...body, email }, headers, returnHeaders: true }));
    if ('refusedAs' in signedIn) {
      log.warn({ ip }, 'sign-in refused');
      return deny('unauthenticated', 'The e-mail address or the password is wrong.');
    }
    const { user } = signedIn.response;
    await removeEndedSessions(store, user.id);
    log.info({ ip, userId: user.id }, 'signed in');
    return json({ user: { id: user.id, name: user.name, email: user.email } }, signedIn.headers);
  }

  async function signOut({ request }: Asked): Promise<Answer> {
    // better-auth would say that it worked when the database did not answer.
    await endSession(store, request.headers.get('cookie'), cookie);
    const { api } = await server();
    const headers = new Headers({ cookie: request.headers.get('cookie') ?? '' });
    const out = await answered(() => api.signOut({ headers, returnHeaders: true }));
    if ('refusedAs' in out) throw new Error(`Signing out was refused: ${out.refusedAs}`);
    return json({ success: true }, out.headers);
  }

  async function getSession({ request }: Asked): Promise<Answer> {
    const who = await person(request.headers);
    return json(who && { session: { id: who.sessionId }, user: { id: who.userId, name: who.name, email: who.email } });
  }

  async function changePassword({ request, ip }: Asked): Promise<Answer> {
    const who = await person(request.headers);
    if (who === null) return deny('unauthenticated', 'Sign in first.');
    const body = await readSignInBody(request, changePasswordBody);
    if (isRefused(body)) return body;
    const refused = await tooMany(`password:${who.userId}`, ATTEMPTS_PER_PERSON);
    if (refused) return refused;
    const { api } = await server();
    const headers = new Headers({
      [IP_HEADER]: ip,
      'user-agent': userAgent(request),
      cookie: request.headers.get('cookie') ?? '',
    });
    // Whoever knows the old password and has signed in with it is signed out.
    const changed = await answered(() =>
      api.changePassword({ body: { ...body, revokeOtherSessions: true }, headers, returnHeaders: true }),
    );
    if ('refusedAs' in changed) {
      log.warn({ ip, userId: who.userId }, 'change of password refused');
      const error: FieldError = { field: 'currentPassword', message: 'is not your present password' };
      return problem('invalid_request', 'currentPassword is not your present password.', [error]);
    }
    log.info({ ip, userId: who.userId }, 'password changed');
    return json({ user: { id: who.userId, name: who.name, email: who.email } }, changed.headers);
  }

  const endpoints: Readonly<Record<string, { method: 'GET' | 'POST'; serve: (asked: Asked) => Promise<Answer> }>> = {
    '/ok': { method: 'GET', serve: async () => json({ ok: true }) },
    '/sign-in/email': { method: 'POST', serve: signIn },
    '/sign-out': { method: 'POST', serve: signOut },
    '/get-session': { method: 'GET', serve: getSession },
    '/change-password': { method: 'POST', serve: changePassword },
  };

  const endpointAt = (path: string) => {
    const name = path.slice(AUTH_PATH.length);
    return path.startsWith(`${AUTH_PATH}/`) && Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
  };

  return {
    methodOf: (path) => endpointAt(path)?.method,
    async handle(request, ip) {
      const url = new URL(request.url);
      const endpoint = endpointAt(url.pathname);
      if (endpoint === undefined) return problem('not_found');
      if (request.method !== endpoint.method) return problem('method_not_allowed');
      if (request.method === 'POST' && !isSameOrigin(request.headers, url, publicUrl)) return problem('bad_origin');
      return guarded(() => endpoint.serve({ request, ip }));
    },
    person,
  };
}

/** What better-auth answers, or the code it refuses with. Its 5xx and everything else it throws are faults. */
async function answered<T>(call: () => Promise<T>): Promise<T | { refusedAs: string }> {
  try {
    return await call();
  } catch (fault) {
    const { statusCode, body } = fault as { statusCode?: number; body?: { code?: string } };
    if (statusCode === undefined || statusCode >= 500) throw fault;
    return { refusedAs: body?.code ?? String(statusCode) };
  }
}

function userAgent(request: Request): string {
  return (request.headers.get('user-agent') ?? '').slice(0, USER_AGENT_MAX);
}

/** An answer with the cookies better-auth sets, and none of its body: that would hold the session's token. */
function json(body: unknown, from: Headers = new Headers()): Response {
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  for (const value of from.getSetCookie()) headers.append('set-cookie', value);
  return new Response(JSON.stringify(body), { headers });
}
