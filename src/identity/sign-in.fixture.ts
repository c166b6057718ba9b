import type { Logger } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import type { EngineName } from '../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../test/support/store.ts';
import { isRefused, type Problem, type Refusal } from '../kernel/codes.ts';
import { RateLimiter } from '../limits/rate-limiter.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createUser } from './users.ts';

export const secret = 'sign-in test secret, more than thirty-two characters';
export const publicUrl = 'http://127.0.0.1:3000';
export const ada = { email: 'ada@example.com', name: 'Ada', password: 'a long enough password' };

export type Answer = Response | Refusal | Problem;

/** An answer that is no refusal. */
export function served(answer: Answer): Response {
  if (isRefused(answer)) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer;
}

/** What an answer asks a browser to keep, as it sends it back. */
export function cookiesOf(answer: Answer): string {
  return served(answer)
    .headers.getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Signing in on a store of its own, in which Ada has an account. Each question comes from another address. */
export function useSignIn(engine: EngineName, log: Logger) {
  let opened: TestStore;
  let signIn: SignIn;
  let ip = 0;
  const make = (overrides: Partial<Parameters<typeof createSignIn>[0]> = {}): SignIn =>
    createSignIn({
      store: opened.store,
      limiter: new RateLimiter(),
      secret,
      publicUrl,
      secureCookies: false,
      log,
      ...overrides,
    });

  beforeAll(async () => {
    opened = await openTestStore(engine);
    signIn = make();
    await createUser(opened.store, ada);
  });
  afterAll(() => opened?.close());

  const ask = (
    path: string,
    init: RequestInit = {},
    from = `192.0.2.${(ip++ % 250) + 1}`,
    via = signIn,
  ): Promise<Answer> => via.handle(new Request(`${publicUrl}/api/auth${path}`, init), from);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}, from?: string, via?: SignIn) =>
    ask(
      path,
      { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } },
      from,
      via,
    );
  const who = (cookie: string) => signIn.person(new Headers({ cookie }));
  return { make, ask, post, who, store: () => opened.store };
}
