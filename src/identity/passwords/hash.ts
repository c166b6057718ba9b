import { randomBytes } from 'node:crypto';

/** scrypt with a salt, as better-auth stores it. Takes tens of milliseconds: never inside a transaction. */
export async function hashPassword(password: string): Promise<string> {
  const { hashPassword: hash } = await import('better-auth/crypto');
  return hash(password);
}

/** Whether a password is the one that was hashed. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const { verifyPassword } = await import('better-auth/crypto');
  return verifyPassword({ hash, password });
}

/** A password nobody guesses: 120 random bits. */
export function randomPassword(): string {
  return randomBytes(15).toString('base64url');
}
