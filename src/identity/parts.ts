import type { Logger } from 'pino';
import type { Problem, Refusal } from '../kernel/codes.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Store } from '../store/store.ts';
import type { AuthServer } from './auth-server.ts';
import type { Devices } from './known-device.ts';
import type { Person } from './person.ts';
import type { RefusedSignIns } from './refused-sign-ins.ts';

/** What the endpoints under `/api/auth/` are made of. */
export type Parts = {
  readonly store: Store;
  readonly limiter: RateLimiter;
  readonly log: Logger;
  readonly cookie: { readonly name: string; readonly secret: string };
  readonly devices: Devices;
  readonly refused: RefusedSignIns;
  /** better-auth, loaded when it is first needed. */
  server(): Promise<AuthServer>;
  person(headers: Headers): Promise<Person | null>;
};

/** A request to one of them, and the address it came from. */
export type Asked = { readonly request: Request; readonly ip: string };
export type Answer = Response | Refusal | Problem;
export type Serve = (asked: Asked) => Promise<Answer>;

/** An answer with cookies, and none of better-auth's body: that would hold the session's token. */
export function json(body: unknown, cookies: readonly string[] = []): Response {
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  for (const value of cookies) headers.append('set-cookie', value);
  return new Response(JSON.stringify(body), { headers });
}

/** What better-auth answers, or the code it refuses with. Its 5xx and everything else it throws are faults. */
export async function answered<T>(call: () => Promise<T>): Promise<T | { refusedAs: string }> {
  try {
    return await call();
  } catch (fault) {
    const { statusCode, body } = fault as { statusCode?: number; body?: { code?: string } };
    if (statusCode === undefined || statusCode >= 500) throw fault;
    return { refusedAs: body?.code ?? String(statusCode) };
  }
}
