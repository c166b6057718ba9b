import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { failed, type UpstreamOutcome } from '../../outcome.ts';
import type { EmailConnectorConfig } from './config.ts';
import type { Message } from './message.ts';

export type Delivery = {
  readonly connector: EmailConnectorConfig;
  readonly hostname: string;
  /** Null where only the server is asked whether it takes mail. */
  readonly message: Message | null;
};

type Session = {
  readonly socket: Socket;
  readonly executionId: string;
  readonly timeoutMs: number;
  readonly password?: string;
};

/** What the peer said where it said no: nodemailer's errors carry it. */
type SmtpError = Error & { readonly code?: string; readonly responseCode?: number; readonly response?: string };

/**
 * Hands one message to a mail server over an open connection. Until its first byte is read nothing of it was sent; from
 * then on only the server's word says what came of it.
 */
export async function deliver(delivery: Delivery, session: Session, signal?: AbortSignal): Promise<UpstreamOutcome> {
  const { socket, timeoutMs, password } = session;
  const { connector, hostname, message } = delivery;
  const { security, username, from } = connector;
  const bytes = message === null ? null : await composed(connector, message, session.executionId);
  const smtp = new SMTPConnection({
    connection: socket,
    host: hostname,
    port: connector.port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    name: domainOf(from),
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxResponseSize: 64 * 1024,
  });
  let began = false;
  let endedBy: 'timeout' | 'cancelled' | null = null;
  const stop = (cause: 'timeout' | 'cancelled'): void => {
    endedBy ??= cause;
    socket.destroy();
    smtp.close();
  };
  const timer = setTimeout(stop, timeoutMs, 'timeout');
  const onAbort = (): void => stop('cancelled');
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  try {
    return await new Promise<UpstreamOutcome>((resolve) => {
      const end = (error: SmtpError | null, done?: object): void => {
        if (error !== null || endedBy !== null) resolve(notDelivered(error, began, endedBy));
        else resolve({ kind: 'executed', result: JSON.stringify(done) });
      };
      smtp.on('error', (error: SmtpError) => end(error));
      smtp.on('end', () => end(new Error('the connection ended')));
      const hand = (): void => {
        if (bytes === null) {
          end(null, { accepts_mail: true });
          return;
        }
        const to = [...new Set([...message!.to, ...message!.cc, ...message!.bcc])];
        const body = new Readable({
          read() {
            began = true;
            this.push(bytes);
            this.push(null);
          },
        });
        smtp.send({ from, to, size: bytes.length }, body, (error, info) => {
          if (error || !info) return end((error ?? new Error('no answer')) as SmtpError);
          const refusedOnes = (info.rejected ?? []).map(String);
          end(null, {
            accepted: (info.accepted ?? []).map(String),
            rejected: refusedOnes,
            response: String(info.response ?? '').slice(0, 500),
            message_id: messageId(session.executionId, from),
          });
        });
      };
      smtp.connect((error) => {
        if (error) return end(error as SmtpError);
        if (username === undefined) return hand();
        smtp.login({ user: username, pass: password ?? '' }, (refusal) =>
          refusal ? end(refusal as SmtpError) : hand(),
        );
      });
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    smtp.removeAllListeners('error');
    smtp.on('error', () => {});
    smtp.quit();
    setTimeout(() => socket.destroy(), 1000).unref();
  }
}

function notDelivered(
  error: SmtpError | null,
  began: boolean,
  endedBy: 'timeout' | 'cancelled' | null,
): UpstreamOutcome {
  const said = error?.responseCode === undefined ? '' : `${error.responseCode}`;
  if (endedBy === null && said !== '') {
    const message = `The mail server answered ${said}.`;
    return failed('upstream_error', message, {
      httpStatus: Number(said),
      body: JSON.stringify({ text: String(error?.response ?? '').slice(0, 1000), content_type: 'text/plain' }),
    });
  }
  const why =
    endedBy === 'timeout'
      ? 'The time was up'
      : endedBy === 'cancelled'
        ? 'The call was cancelled'
        : 'The connection broke off';
  if (began) return { kind: 'unknown', reason: `${why} after the message had begun.` };
  if (endedBy !== null)
    return failed(`${endedBy === 'timeout' ? 'timeout' : 'cancelled'}_before_send`, `${why}. Nothing was sent.`);
  if (error?.code === 'ETLS' || error?.code === 'ESOCKET') {
    return failed('tls_failed', 'There was no secure connection to the mail server. Nothing was sent.');
  }
  return failed('connect_failed', 'The mail server ended the connection before the message. Nothing was sent.');
}

function composed(connector: EmailConnectorConfig, message: Message, executionId: string): Promise<Buffer> {
  const { from, from_name: name } = connector;
  const { to, cc, replyTo, subject, text, html, attachments } = message;
  // bcc is in the envelope alone.
  const composer = new MailComposer({
    from: name === undefined ? from : { name, address: from },
    to: [...to],
    cc: [...cc],
    ...(replyTo !== null && { replyTo }),
    subject,
    ...(text !== null && { text }),
    ...(html !== null && { html }),
    attachments: attachments.map((each) => ({ ...each })),
    messageId: messageId(executionId, from),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return new Promise((resolve, reject) => {
    composer
      .compile()
      .build((error, bytes) => (error || !bytes ? reject(error ?? new Error('no message')) : resolve(bytes)));
  });
}

/** The same for the same call, so that whoever gets it twice can tell. */
function messageId(executionId: string, from: string): string {
  return `<${executionId}@${domainOf(from)}>`;
}

function domainOf(mailbox: string): string {
  return mailbox.slice(mailbox.lastIndexOf('@') + 1);
}
