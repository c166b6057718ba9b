import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { newId } from '../kernel/ids.ts';
import { line } from '../kernel/text.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import { hashPassword } from './passwords/hash.ts';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './passwords/rules.ts';

/** An address, compared without case. */
export const emailAddress = z
  .string({ error: 'write an e-mail address' })
  .max(254, 'at most 254 characters')
  .trim()
  .toLowerCase()
  .pipe(z.email('write an e-mail address such as ada@example.com'));
export const personName = line(80);

/** A new person. */
export type NewUser = {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  /** Whether somebody else knows the password, which must then be changed before anything else. */
  readonly mustChangePassword?: boolean;
};

/**
 * Adds a person with a password of their own choosing, in no workspace. Resolves to null when somebody has that
 * address already. Throws RangeError for a password that is too short or too long; whether it can be guessed is asked
 * where people type one.
 */
export async function createUser(
  store: Store,
  input: { readonly email: string; readonly name: string; readonly password: string },
): Promise<{ id: string } | null> {
  const { length } = input.password;
  if (length < PASSWORD_MIN_LENGTH || length > PASSWORD_MAX_LENGTH) {
    throw new RangeError(`A password has ${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters`);
  }
  const person = { email: emailAddress.parse(input.email), name: personName.parse(input.name) };
  const passwordHash = await hashPassword(input.password);
  return guarded(() => store.people.transaction().execute((db) => insertUser(db, { ...person, passwordHash })));
}

/** Writes a new person into an open transaction, or resolves to null when the address is taken. */
export async function insertUser(db: Kysely<Tables>, given: NewUser): Promise<{ id: string } | null> {
  const { email, name, passwordHash, mustChangePassword = false } = given;
  const user = await db
    .insertInto('auth_users')
    .values({ id: newId('usr'), email, name, must_change_password: mustChangePassword })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (user === undefined) return null;
  await db
    .insertInto('auth_accounts')
    .values({ id: randomUUID(), accountId: user.id, providerId: 'credential', userId: user.id, password: passwordHash })
    .execute();
  return user;
}
