import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { sha256Hex } from '../../kernel/hash.ts';

/** What a one-time link carries behind its `#`, where no server and no log sees it: 256 random bits. */
export const linkToken = z
  .string({ error: 'write the token of the link' })
  .regex(/^[A-Za-z0-9_-]{43}$/, 'is not the token of a link: open the whole link again');

/** A new token, and the hash that is all we keep of it. */
export function newLinkToken(): { readonly token: string; readonly sha256: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, sha256: sha256Hex(token) };
}

/** The link that carries a token to one of our pages. */
export function linkTo(publicUrl: string, page: 'join' | 'setup' | 'password', token: string): string {
  return new URL(`/${page}#token=${token}`, publicUrl).href;
}
