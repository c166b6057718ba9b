import { randomBytes, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { newId } from '../kernel/ids.ts';
import { line } from '../kernel/text.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';

export const PASSWORD_MIN_LENGTH = 10;
export const PASSWORD_MAX_LENGTH = 128;

/** An address, compared without case. */
export const emailAddress = z
  .string({ error: 'write an e-mail address' })
  .max(254, 'at most 254 characters')
  .trim()
  .toLowerCase()
  .pipe(z.email('write an e-mail address such as ada@example.com'));
export const personName = line(80);

/** A password and what is stored of it. */
export type Credential = { readonly password: string; readonly hash: string };

/** Makes the first password of a new person: 120 random bits. It is shown once, to the admin who adds them. */
export async function newInitialPassword(): Promise<Credential> {
  const password = randomBytes(15).toString('base64url');
  return { password, hash: await hashPassword(password) };
}

/**
 * Adds a person with a password of their own choosing, in no workspace. Resolves to null when somebody has that
 * address already. Throws RangeError for a password that is too short or too long.
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
export async function insertUser(
  db: Kysely<Tables>,
  { email, name, passwordHash }: { email: string; name: string; passwordHash: string },
): Promise<{ id: string } | null> {
  const user = await db
    .insertInto('auth_users')
    .values({ id: newId('usr'), email, name })
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

async function hashPassword(password: string): Promise<string> {
  const { hashPassword: hash } = await import('better-auth/crypto');
  return hash(password);
}
