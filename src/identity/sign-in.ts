import type { Logger } from 'pino';
import { type Problem, problem, type Refusal } from '../kernel/codes.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import { type AuthServer, COOKIE_PREFIX, createAuthServer } from './auth-server.ts';
import { acceptAsSomebody, joinAsNewcomer } from './endpoints/accept-invitation.ts';
import { changePassword } from './endpoints/change-password.ts';
import { choosePassword } from './endpoints/choose-password.ts';
import { lookAtLink } from './endpoints/links.ts';
import { getSession, signOut } from './endpoints/session.ts';
import { setUp } from './endpoints/set-up.ts';
import { signIn } from './endpoints/sign-in.ts';
import { deviceCookieName } from './known-device.ts';
import { json, type Parts, type Serve } from './parts.ts';
import type { Person } from './person.ts';
import { RefusedSignIns } from './refused-sign-ins.ts';
import { isSameOrigin } from './same-origin.ts';
import { sessionCookieName } from './session-cookie.ts';
import { readPerson } from './sessions.ts';

/** People's sign-in: e-mail and password with better-auth, and one-time links, under `/api/auth/*`. */
export type SignIn = {
  /** Serves `/api/auth/*`, asked for as `url`. A refusal is a value, which `api/problems.ts` turns into HTTP. */
  handle(request: Request, ip: string, url?: URL): Promise<Response | Refusal | Problem>;
  /** The one method that a path under `/api/auth/` takes; undefined where there is no such path. */
  methodOf(path: string): 'GET' | 'POST' | undefined;
  /** Who the request's cookie belongs to, read from the database each time, or null. */
  person(headers: Headers): Promise<Person | null>;
  /** Enters the sign-ins that were refused since the last time, one counted entry an account. */
  enterRefused(): Promise<void>;
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

/** Opens people's sign-in. Nothing is loaded or read until somebody asks. */
export function createSignIn(options: SignInOptions): SignIn {
  const { store, limiter, secret, publicUrl, secureCookies, log } = options;
  const cookie = { name: sessionCookieName(COOKIE_PREFIX, secureCookies), secret };
  const person = (headers: Headers): Promise<Person | null> => readPerson(store, headers.get('cookie'), cookie);
  const refused = new RefusedSignIns(store);
  let loaded: Promise<AuthServer> | undefined;
  const parts: Parts = {
    store,
    limiter,
    log,
    cookie,
    devices: { name: deviceCookieName(secureCookies), secret, secure: secureCookies },
    refused,
    server: () => {
      loaded ??= createAuthServer(options);
      return loaded;
    },
    person,
  };

  const endpoints: Readonly<Record<string, { method: 'GET' | 'POST'; serve: Serve }>> = {
    '/ok': { method: 'GET', serve: async () => json({ ok: true }) },
    '/sign-in/email': { method: 'POST', serve: signIn(parts) },
    '/sign-out': { method: 'POST', serve: signOut(parts) },
    '/get-session': { method: 'GET', serve: getSession(parts) },
    '/change-password': { method: 'POST', serve: changePassword(parts) },
    '/link': { method: 'POST', serve: lookAtLink(parts) },
    '/invitation/accept': { method: 'POST', serve: acceptAsSomebody(parts) },
    '/invitation/join': { method: 'POST', serve: joinAsNewcomer(parts) },
    '/setup': { method: 'POST', serve: setUp(parts) },
    '/password': { method: 'POST', serve: choosePassword(parts) },
  };

  const endpointAt = (path: string) => {
    const name = path.slice(AUTH_PATH.length);
    return path.startsWith(`${AUTH_PATH}/`) && Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
  };

  return {
    methodOf: (path) => endpointAt(path)?.method,
    async handle(request, ip, url = new URL(request.url)) {
      const endpoint = endpointAt(url.pathname);
      if (endpoint === undefined) return problem('not_found');
      if (request.method !== endpoint.method) return problem('method_not_allowed');
      if (request.method === 'POST' && !isSameOrigin(request.headers, url, publicUrl)) return problem('bad_origin');
      return guarded(() => endpoint.serve({ request, ip }));
    },
    person,
    enterRefused: () => refused.flush(),
  };
}
