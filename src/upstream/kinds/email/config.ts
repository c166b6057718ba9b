import { z } from 'zod';
import { SECRET_NAME } from '../../../kernel/secret-reference.ts';
import { readUrl } from '../../egress-guard.ts';

/** A mailbox as it stands in an envelope: printable ASCII without names, comments or quotes. */
const MAILBOX = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

export function isMailbox(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 254 && MAILBOX.test(text);
}

const mailbox = z.string().refine(isMailbox, { error: 'write an address such as ops@example.com' });
const mailboxes = z.array(mailbox).min(1).max(50);
/** One line of a header, without control characters. */
const headerLine = z
  .string()
  .max(500)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'one line, without control characters');

/**
 * Handler config of kind `email`. What it fixes is the same in every message and no argument any more: the arguments are
 * `to`, `cc`, `bcc`, `reply_to`, `subject`, `text`, `html` and `attachments` otherwise.
 */
export const emailHandlerConfig = z.strictObject({
  to: mailboxes.optional(),
  cc: mailboxes.optional(),
  bcc: mailboxes.optional(),
  reply_to: mailbox.optional(),
  subject: headerLine.min(1).optional(),
  timeout_ms: z.int().min(1000).max(60_000).default(30_000),
});
export type EmailHandlerConfig = z.output<typeof emailHandlerConfig>;

/**
 * Connector config of kind `email`: a mail server, and who the mail is from.
 * - `security`: `tls` from the first byte (port 465), `starttls` before anything is said (587), or `none`.
 * - `password`: a secret of the workspace, never over a connection without TLS.
 */
export const emailConnectorConfig = z
  .strictObject({
    host: z
      .string()
      .max(253)
      .refine((host) => /^[^/?#@:]+$|^\[[^/?#@]+\]$/.test(host) && readUrl(`https://${host}`).ok, {
        error: 'write a host in its canonical form, such as smtp.example.com',
      }),
    port: z.int().min(1).max(65_535).default(587),
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    username: z
      .string()
      .min(1)
      .max(320)
      .regex(/^[\x20-\x7e]+$/, 'printable ASCII')
      .optional(),
    password: z
      .string()
      .refine((text) => /^\{\{secret:.+\}\}$/.test(text) && SECRET_NAME.test(text.slice(9, -2)), {
        error: 'name a secret of the workspace, as in {{secret:SMTP_PASSWORD}}',
      })
      .optional(),
    from: mailbox,
    from_name: headerLine.max(120).optional(),
  })
  .superRefine(({ username, password, security }, context) => {
    if ((username === undefined) !== (password === undefined)) {
      const path = [username === undefined ? 'username' : 'password'];
      context.addIssue({ code: 'custom', path, message: 'a user name and a password go together' });
    }
    if (password !== undefined && security === 'none') {
      context.addIssue({ code: 'custom', path: ['security'], message: 'a password is sent over TLS only' });
    }
  });
export type EmailConnectorConfig = z.output<typeof emailConnectorConfig>;

/** The host and port of a mail server, as a URL would have them. */
export function serverOf({
  host,
  port,
}: EmailConnectorConfig): { readonly hostname: string; readonly port: number } | null {
  const read = readUrl(`https://${host.toLowerCase()}:${port}`);
  return read.ok ? { hostname: read.hostname, port } : null;
}
