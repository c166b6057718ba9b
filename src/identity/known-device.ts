import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readCookie } from './session-cookie.ts';

/**
 * A device that somebody has signed in with before keeps a mark of it, and its attempts are counted apart: strangers
 * who guess at an account use up the strangers' attempts, not its owner's (OWASP calls this a device cookie). A mark
 * opens nothing: it is `<nonce>-<day it was made>-<HMAC over these and the address>`.
 */
const MARKS_MAX = 5;
const MARK_DAYS = 180;
const DAY_MS = 86_400_000;
const MARK = /^([A-Za-z0-9_]{22})~(\d{1,6})~([A-Za-z0-9_]{43})$/;
const BETWEEN = '.';

/** The name of the cookie with the marks. */
export function deviceCookieName(secure: boolean): string {
  return `${secure ? '__Secure-' : ''}countersign.device`;
}

export type Devices = { readonly name: string; readonly secret: string; readonly secure: boolean };

/** The nonce of the device's mark for this address, or null for a stranger. */
export function knownDevice(cookies: string | null, { name, secret }: Devices, email: string, at: Date): string | null {
  for (const mark of marksIn(cookies, name)) {
    const [, nonce = '', day = '', mac = ''] = MARK.exec(mark) ?? [];
    const isOver = Number(day) * DAY_MS + MARK_DAYS * DAY_MS < at.getTime();
    const isOurs = timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(secret, nonce, day, email)));
    if (isOurs && !isOver) return nonce;
  }
  return null;
}

/** The `Set-Cookie` that marks the device as one this address has signed in with. Marks of four others stay. */
export function markDevice(cookies: string | null, devices: Devices, email: string, at: Date): string {
  const { name, secret, secure } = devices;
  const known = knownDevice(cookies, devices, email, at);
  const others = marksIn(cookies, name).filter((mark) => known === null || !mark.startsWith(known));
  const nonce = known ?? url(randomBytes(16));
  const day = String(Math.floor(at.getTime() / DAY_MS));
  const mark = [nonce, day, macOf(secret, nonce, day, email)].join('~');
  const value = [mark, ...others].slice(0, MARKS_MAX).join(BETWEEN);
  const age = (MARK_DAYS * DAY_MS) / 1000;
  return `${name}=${value}; Max-Age=${age}; Path=/api/auth; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

function marksIn(cookies: string | null, name: string): string[] {
  return readCookie(cookies ?? '', name)
    .split(BETWEEN, MARKS_MAX)
    .filter((mark) => MARK.test(mark));
}

/** The same secret signs sessions, whose tokens never begin like this. */
function macOf(secret: string, nonce: string, day: string, email: string): string {
  return url(createHmac('sha256', secret).update(`countersign device ${nonce} ${day} ${email}`).digest());
}

/** Base64url without the character that stands between the parts. */
function url(bytes: Buffer): string {
  return bytes.toString('base64url').replaceAll('-', '_');
}
