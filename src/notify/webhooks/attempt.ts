import type { Upstream } from '../../upstream/upstream.ts';
import { VERSION } from '../../version.ts';
import { refusalOf } from '../channels/not-sent.ts';
import type { AttemptView } from './schemas.ts';
import { signedHeaders } from './signature.ts';

/** One request to a receiver. */
export type Attempt = {
  readonly tenantId: string;
  readonly url: string;
  readonly deliveryId: string;
  readonly originId: string | null;
  readonly body: string;
  readonly secrets: readonly string[];
  readonly at: Date;
  readonly timeoutMs: number;
};

/** Of an answer so much is read and kept. */
const ANSWER_MAX_BYTES = 1024;
const GONE = 410;

/** How an attempt ended. `gone`: the receiver wants to hear nothing more, ever. */
export type Attempted = AttemptView & { readonly ok: boolean; readonly gone: boolean };

/** Sends a delivery once. Never rejects: whatever is no 2xx is a failure, a redirect too. */
export async function attempt(ask: Upstream['fetchGuarded'], asked: Attempt): Promise<Attempted> {
  const { tenantId, url, deliveryId, originId, body, secrets, at, timeoutMs } = asked;
  const started = performance.now();
  const end = (rest: Pick<Attempted, 'status' | 'error' | 'answer'>): Attempted => ({
    at: at.toISOString(),
    duration_ms: Math.round(performance.now() - started),
    ...rest,
    ok: rest.error === null,
    gone: rest.status === GONE,
  });
  if (secrets.length === 0) {
    return end({ status: null, error: 'Its secret cannot be decrypted. Rotate it.', answer: null });
  }
  const answer = await ask({
    tenantId,
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': `Countersign/${VERSION}`,
      ...signedHeaders(secrets, { id: deliveryId, at, body }),
      ...(originId !== null && { 'countersign-resend-of': originId }),
    },
    body,
    maxBytes: ANSWER_MAX_BYTES,
    timeoutMs,
  });
  if (answer.kind !== 'answer') return end({ status: null, error: refusalOf(answer), answer: null });
  const { status } = answer;
  return end({ status, error: whyFailed(status), answer: textOf(answer.body) });
}

function whyFailed(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400)
    return `The receiver answered ${status}. Redirects are not followed: enter the address that it leads to.`;
  return `The receiver answered ${status}.`;
}

/** PostgreSQL keeps no U+0000. */
function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\u2400');
}
