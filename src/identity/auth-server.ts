import { randomUUID } from 'node:crypto';

import type { Store } from '../store/store.ts';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './passwords/rules.ts';

export type AuthServerOptions = {
  readonly store: Store;
  readonly secret: string;
  readonly publicUrl: string;
  readonly secureCookies: boolean;
};

/** The one header better-auth may take an address from. `endpoints/enter.ts` sets it; what a client sends never arrives. */
export const IP_HEADER = 'x-countersign-ip';
export const COOKIE_PREFIX = 'countersign';
/** A sign-in ends after this, however much it is used. */
export const SESSION_MAX_SECONDS = 7 * 24 * 60 * 60;

export type AuthServer = Awaited<ReturnType<typeof createAuthServer>>;

/**
 * better-auth, for what it is good at: passwords, session rows and signed cookies. It is only called from
 * `endpoints/`, as functions: its router, its origin check and its rate limiter never see a request.
 * Loaded at the first sign-in, because loading takes longer than the rest of the start.
 */
export async function createAuthServer({ store, secret, publicUrl, secureCookies }: AuthServerOptions) {
  const { betterAuth } = await import('better-auth');
  return betterAuth({
    appName: 'Countersign',
    baseURL: publicUrl,
    // As a list, because BETTER_AUTH_SECRETS of the environment would replace a single secret.
    secrets: [{ version: 1, value: secret }],
    database: { db: store.people, type: 'postgres' },
    user: { modelName: 'auth_users' },
    account: { modelName: 'auth_accounts' },
    verification: { modelName: 'auth_verifications' },
    session: {
      modelName: 'auth_sessions',
      expiresIn: SESSION_MAX_SECONDS,
      disableSessionRefresh: true,
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_MIN_LENGTH,
      maxPasswordLength: PASSWORD_MAX_LENGTH,
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: secureCookies,
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
      database: { generateId: () => randomUUID(), validateSchema: false },
    },
    databaseHooks: {
      session: {
        create: {
          // better-auth counts from this machine's clock; the row is held against the database's.
          before: async (session) => {
            const lifetimeMs = session.expiresAt.getTime() - session.createdAt.getTime();
            const at = store.clock.now();
            return {
              data: { ...session, createdAt: at, updatedAt: at, expiresAt: new Date(at.getTime() + lifetimeMs) },
            };
          },
        },
      },
    },
  });
}
