import { type RawBuilder, sql } from 'kysely';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import { clientNetwork } from './client-network.ts';
import type { Person } from './person.ts';
import { readSessionToken } from './session-cookie.ts';

/** A sign-in that nobody uses for so long has ended, however much of its seven days is left. */
export const IDLE = sql`interval '12 hours'`;
/** How exactly use is noted. Noting every request would be a write for every read. */
const TOUCH_EVERY = sql`interval '5 minutes'`;

/** Whether the session in `alias` has not ended by itself. One that was signed out has no row. */
export function isAlive(alias: string): RawBuilder<boolean> {
  const [expiresAt, updatedAt] = [sql.ref(`${alias}.expiresAt`), sql.ref(`${alias}.updatedAt`)];
  return sql<boolean>`(${expiresAt} > clock_timestamp() and ${updatedAt} > clock_timestamp() - ${IDLE})`;
}

/**
 * Who a cookie belongs to, or null: unsigned, unknown, signed out, expired and left idle are all the same.
 * Time is the database's.
 */
export async function readPerson(
  store: Store,
  cookieHeader: string | null,
  cookie: { readonly name: string; readonly secret: string },
): Promise<Person | null> {
  const token = readSessionToken(cookieHeader, cookie.name, cookie.secret);
  if (token === null) return null;
  return guarded(async () => {
    const found = await store.people
      .selectFrom('auth_sessions as s')
      .innerJoin('auth_users as u', 'u.id', 's.userId')
      .where('s.token', '=', token)
      .where(isAlive('s'))
      .select(['s.id as sessionId', 'u.id as userId', 'u.name', 'u.email'])
      .select(['u.must_change_password as mustChangePassword', 'u.password_known_in as passwordKnownIn'])
      .select(sql<boolean>`s."updatedAt" < clock_timestamp() - ${TOUCH_EVERY}`.as('stale'))
      .executeTakeFirst();
    if (found === undefined) return null;
    const { stale, ...person } = found;
    if (stale) await touch(store, person.sessionId);
    return person;
  });
}

/** Whether the account of this address is signed in from a network just now. */
export async function isSignedInFrom(store: Store, email: string, network: string): Promise<boolean> {
  const sessions = await guarded(() =>
    store.people
      .selectFrom('auth_sessions as s')
      .innerJoin('auth_users as u', 'u.id', 's.userId')
      .where('u.email', '=', email)
      .where(isAlive('s'))
      .select('s.ipAddress')
      .execute(),
  );
  return sessions.some(({ ipAddress }) => ipAddress !== null && clientNetwork(ipAddress) === network);
}

/** Ends the sign-in that a cookie carries. One that has ended already stays so. */
export async function endSession(
  store: Store,
  cookieHeader: string | null,
  cookie: { readonly name: string; readonly secret: string },
): Promise<void> {
  const token = readSessionToken(cookieHeader, cookie.name, cookie.secret);
  if (token === null) return;
  await guarded(() => store.people.deleteFrom('auth_sessions').where('token', '=', token).execute());
}

/** Removes what is left of a person's sign-ins that have ended by themselves. */
export async function removeEndedSessions(store: Store, userId: string): Promise<void> {
  await store.people
    .deleteFrom('auth_sessions')
    .where('userId', '=', userId)
    .where((or) =>
      or.or([
        or('expiresAt', '<=', sql<Date>`clock_timestamp()`),
        or('updatedAt', '<=', sql<Date>`clock_timestamp() - ${IDLE}`),
      ]),
    )
    .execute();
}

async function touch(store: Store, sessionId: string): Promise<void> {
  await store.people
    .updateTable('auth_sessions')
    .set({ updatedAt: sql<Date>`clock_timestamp()` })
    .where('id', '=', sessionId)
    .where('updatedAt', '<', sql<Date>`clock_timestamp() - ${TOUCH_EVERY}`)
    .execute();
}
