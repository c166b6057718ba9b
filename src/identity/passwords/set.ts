import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../store/tables.ts';

/** The stored hash of a person's password, or null when they have none yet. */
export async function storedHash(db: Kysely<Tables>, userId: string): Promise<string | null> {
  const row = await db
    .selectFrom('auth_accounts')
    .select('password')
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential')
    .executeTakeFirst();
  return row?.password ?? null;
}

/**
 * Gives a person a password of their own choosing, in an open transaction, and ends every sign-in of theirs. With
 * `replaces`, only where that is still the stored hash: answers undefined when it is not, and nothing was changed.
 */
export async function setPassword(
  db: Kysely<Tables>,
  input: { readonly userId: string; readonly hash: string; readonly replaces?: string },
): Promise<true | undefined> {
  const { userId, hash, replaces } = input;
  let update = db
    .updateTable('auth_accounts')
    .set({ password: hash, updatedAt: sql<Date>`clock_timestamp()` })
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential');
  if (replaces !== undefined) update = update.where('password', '=', replaces);
  const { numUpdatedRows } = await update.executeTakeFirst();
  if (numUpdatedRows === 0n) return undefined;
  await db
    .updateTable('auth_users')
    .set({ must_change_password: false, password_known_in: null })
    .where('id', '=', userId)
    .execute();
  await db.deleteFrom('auth_sessions').where('userId', '=', userId).execute();
  return true;
}

/**
 * Notes that a workspace knows the passwords of these people, such as the demo, which prints them: until they are
 * changed, a sign-in with them reaches that workspace and no other.
 */
export async function confinePasswords(
  db: Kysely<Tables>,
  userIds: readonly string[],
  tenantId: string,
): Promise<void> {
  await db
    .updateTable('auth_users')
    .set({ must_change_password: true, password_known_in: tenantId })
    .where('id', 'in', [...userIds])
    .execute();
}
