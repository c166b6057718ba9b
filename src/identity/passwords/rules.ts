import { z } from 'zod';
import { type Problem, problem } from '../../kernel/codes.ts';
import { passwordWeakness } from './strength.ts';

export const PASSWORD_MIN_LENGTH = 10;
export const PASSWORD_MAX_LENGTH = 128;

/** A password as somebody types it to sign in. */
export const givenPassword = z
  .string({ error: 'write a password' })
  .min(1, 'must not be empty')
  .max(PASSWORD_MAX_LENGTH, `at most ${PASSWORD_MAX_LENGTH} characters`);

/** A password that somebody chooses. Whether it can be guessed is asked with `refuseWeak`. */
export const chosenPassword = givenPassword.min(PASSWORD_MIN_LENGTH, `at least ${PASSWORD_MIN_LENGTH} characters`);

/** The problem with a chosen password that can be guessed, or undefined. `about` is what is known of its owner. */
export async function refuseWeak(
  field: string,
  password: string,
  about: readonly string[],
): Promise<Problem | undefined> {
  const message = await passwordWeakness(password, about);
  return message === null ? undefined : problem('invalid_request', `${field} ${message}`, [{ field, message }]);
}
