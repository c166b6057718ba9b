import { createHmac, randomBytes } from 'node:crypto';

/** Signing as Standard Webhooks has it: HMAC-SHA256 over id, time and body, with a secret of its own an endpoint. */

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A new secret, in the form that receivers are given. */
export function newSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** The headers of one attempt: one signature a secret, so that a receiver may know the old or the new one. */
export function signedHeaders(
  secrets: readonly string[],
  { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string },
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
