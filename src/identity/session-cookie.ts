import { createHmac, timingSafeEqual } from 'node:crypto';

const TOKEN = /^[A-Za-z0-9]{32}$/;
const SIGNATURE_LENGTH = 44;

/** The name of the cookie that carries a sign-in, as better-auth makes it. */
export function sessionCookieName(prefix: string, secure: boolean): string {
  return `${secure ? '__Secure-' : ''}${prefix}.session_token`;
}

/**
 * The token in a signed cookie (`<token>.<base64 HMAC-SHA256>`, percent-encoded), or null when there is none
 * or the signature is not ours. Without the secret, a copy of the sessions table is of no use to anybody.
 */
export function readSessionToken(cookieHeader: string | null, name: string, secret: string): string | null {
  const value = readCookie(cookieHeader ?? '', name);
  const dot = value.lastIndexOf('.');
  const token = value.slice(0, dot);
  const signature = value.slice(dot + 1);
  if (dot < 0 || !TOKEN.test(token) || signature.length !== SIGNATURE_LENGTH) return null;
  const expected = Buffer.from(createHmac('sha256', secret).update(token).digest('base64'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
}

/** The first cookie of that name, decoded; empty when there is none or it cannot be decoded. */
export function readCookie(header: string, name: string): string {
  for (const part of header.split(';')) {
    const [key = '', ...value] = part.split('=');
    if (key.trim() !== name) continue;
    try {
      return decodeURIComponent(value.join('=').trim());
    } catch {
      return '';
    }
  }
  return '';
}
