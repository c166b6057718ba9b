import { decodeContent } from '../../../exchange/content-decoding.ts';
import { ConnectionNotMade } from '../../../guarded-connect.ts';
import { failed, type UpstreamOutcome } from '../../../outcome.ts';
import type { Message } from '../messages.ts';
import type { PeerReply } from '../peer.ts';
import type { Cause, StreamEnd } from './stream.ts';

/** What came of an exchange with a server over HTTP, in words. */

export function replyOfMessage(message: Message, httpStatus?: number): PeerReply | undefined {
  if (message.kind === 'result') return { kind: 'result', result: message.result, value: message.value };
  if (message.kind !== 'error') return undefined;
  return { kind: 'error', error: message.error, ...(httpStatus !== undefined && httpStatus >= 300 && { httpStatus }) };
}

export async function textOf(
  { headers, body, truncated }: Extract<StreamEnd, { kind: 'body' }>,
  maxBytes: number,
): Promise<string | undefined> {
  if (truncated) return undefined;
  const encoding = String(headers['content-encoding'] ?? '')
    .trim()
    .toLowerCase();
  if (encoding === '' || encoding === 'identity' || body.length === 0) return body.toString();
  const decoded = await decodeContent(encoding, body, maxBytes);
  return decoded === null || decoded.truncated ? undefined : decoded.bytes.toString();
}

/** Whether what came of the probe may be the word of a server of the earlier revision. */
export function speaksEarlier(reply: PeerReply): boolean {
  if (reply.kind === 'http') return reply.status >= 400 && reply.status !== 401 && reply.status !== 403;
  if (reply.kind === 'error') return reply.httpStatus !== 401 && reply.httpStatus !== 403;
  return reply.kind === 'result' || reply.kind === 'cut';
}

export function notMetBecause(reply: PeerReply): UpstreamOutcome {
  switch (reply.kind) {
    case 'not_sent':
      return reply.outcome;
    case 'cut':
      return notMet(reply.reason);
    case 'error':
      return notMet(`It answered with the error ${reply.error.code}.`);
    case 'http': {
      const { status } = reply;
      if (status >= 300 && status < 400) return notMet(`It answered ${status}. Redirects are never followed.`);
      const wants = status === 401 || status === 403;
      const outcome = notMet(wants ? `It wants other credentials (${status}).` : `It answered ${status}.`);
      // Whoever keeps the connector's token has to know that it was taken for none.
      return outcome.kind === 'failed' ? { ...outcome, httpStatus: status } : outcome;
    }
    case 'result':
      return notMet('Its answer to the handshake cannot be read.');
  }
}

/** Whatever was sent to meet the server: nothing of a call was. */
export function notMet(because: string): UpstreamOutcome {
  return failed('connect_failed', `The MCP server could not be reached. ${because} Nothing of the call was sent.`);
}

export function outcomeBefore(cause: Cause): UpstreamOutcome {
  if (cause instanceof ConnectionNotMade) return cause.outcome;
  if (cause === 'timeout') return failed('timeout_before_send', 'No connection in time. Nothing was sent.');
  if (cause === 'cancelled') return failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
  return failed('connect_failed', `There was no connection to the upstream (${nameOf(cause)}). Nothing was sent.`);
}

export function reasonOf(cause: Cause): string {
  if (cause === 'timeout') return 'The time was up before an answer. The server was told that nobody waits for it.';
  if (cause === 'cancelled') return 'The call was cancelled before an answer. The server was told.';
  if (cause === 'too_long') return 'The server sent more than is read of an answer.';
  return `The connection broke off before an answer (${nameOf(cause)}).`;
}

export function nameOf(cause: Cause): string {
  if (typeof cause === 'string') return cause;
  const { code } = cause as { readonly code?: unknown };
  return typeof code === 'string' ? code : cause.name;
}

// undici reports the death of an idle connection with the socket's own code to whatever was waiting for it.
export function diedIdle(cause: Cause): boolean {
  return cause instanceof Error && /^(?:ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_SOCKET)$/.test(nameOf(cause));
}
