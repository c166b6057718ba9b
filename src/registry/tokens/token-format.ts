import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../../kernel/hash.ts';

/**
 * Client tokens: `cs_live_<prefix>_<secret>`. The prefix (8 letters and digits) is shown in lists; the secret is
 * 256 random bits in base64url. Only the prefix and the SHA-256 of the whole token are stored, which is enough
 * because the secret cannot be guessed.
 */
const PREFIX_LENGTH = 8;
const SECRET_BYTES = 32;
const TOKEN = /^cs_live_([0-9a-z]{8})_[\w-]{43}$/;
const BEARER = /^bearer +(\S+)$/i;
const HEADER_MAX_LENGTH = 128;
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

export type NewToken = { readonly token: string; readonly prefix: string; readonly sha256: string };

/** Makes a token. `token` is the only place where its secret is. */
export function newToken(): NewToken {
  // A byte is no multiple of 36; the slight unevenness is of no consequence in a name.
  const prefix = Array.from(randomBytes(PREFIX_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  const token = `cs_live_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { token, prefix, sha256: sha256Hex(token) };
}

/**
 * The prefix and hash of the token in an `Authorization` header (RFC 6750), or null for anything that cannot
 * be one of our tokens, before any work is spent on it.
 */
export function parseToken(header: string | null | undefined): { prefix: string; sha256: string } | null {
  if (header === null || header === undefined || header.length > HEADER_MAX_LENGTH) return null;
  const token = BEARER.exec(header)?.[1] ?? '';
  const prefix = TOKEN.exec(token)?.[1];
  return prefix === undefined ? null : { prefix, sha256: sha256Hex(token) };
}
