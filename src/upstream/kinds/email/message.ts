import { type EmailHandlerConfig, isMailbox } from './config.ts';

/** The arguments of an e-mail, each in its place or fixed by the tool. */
export const ARGUMENTS = ['to', 'cc', 'bcc', 'reply_to', 'subject', 'text', 'html', 'attachments'] as const;

const RECIPIENTS_MAX = 100;
const ATTACHMENTS_MAX = 10;

export type Attachment = { readonly filename: string; readonly content: Buffer; readonly contentType: string };

/** What is sent: addresses are mailboxes, and the subject is one line. */
export type Message = {
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: string | null;
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly Attachment[];
};

type Args = Readonly<Record<string, unknown>>;

/** The message of a call, or a sentence that says why there is none. */
export function messageOf(handler: EmailHandlerConfig, args: Args): Message | string {
  for (const name of Object.keys(args)) {
    if (!(ARGUMENTS as readonly string[]).includes(name))
      return `An e-mail has no place for the argument "${name.slice(0, 64)}".`;
    if (Object.hasOwn(handler, name)) return `The argument "${name}" is set by the tool.`;
  }
  const lists: Record<'to' | 'cc' | 'bcc', readonly string[]> = { to: [], cc: [], bcc: [] };
  for (const name of ['to', 'cc', 'bcc'] as const) {
    const given = handler[name] ?? args[name] ?? [];
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (!list.every(isMailbox)) return `"${name}" is one address such as ops@example.com, or a list of them.`;
    lists[name] = list;
  }
  if (lists.to.length === 0) return 'An e-mail needs somebody in "to".';
  const count = lists.to.length + lists.cc.length + lists.bcc.length;
  if (count > RECIPIENTS_MAX) return `An e-mail goes to at most ${RECIPIENTS_MAX} addresses.`;
  const replyTo = handler.reply_to ?? args.reply_to ?? null;
  if (replyTo !== null && !isMailbox(replyTo)) return '"reply_to" is one address such as ops@example.com.';
  const subject = handler.subject ?? args.subject;
  if (typeof subject !== 'string' || subject.length > 500 || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(subject)) {
    return '"subject" is one line of at most 500 characters.';
  }
  const { text = null, html = null } = args;
  if (![text, html].every((each) => each === null || typeof each === 'string')) return '"text" and "html" are texts.';
  if (text === null && html === null) return 'An e-mail needs "text" or "html".';
  const attachments = attachmentsOf(args.attachments ?? []);
  if (typeof attachments === 'string') return attachments;
  return { ...lists, replyTo, subject, text: text as string | null, html: html as string | null, attachments };
}

function attachmentsOf(given: unknown): readonly Attachment[] | string {
  const wrong = `"attachments" is a list of at most ${ATTACHMENTS_MAX}, each {filename, content_type, base64}.`;
  if (!Array.isArray(given) || given.length > ATTACHMENTS_MAX) return wrong;
  const attachments: Attachment[] = [];
  for (const each of given as readonly Args[]) {
    const { filename, content_type: type = 'application/octet-stream', base64 } = each ?? {};
    if (typeof filename !== 'string' || !/^[^\p{Cc}/\\]{1,200}$/u.test(filename)) return wrong;
    if (typeof type !== 'string' || !/^[\w.+-]+\/[\w.+-]+$/.test(type)) return wrong;
    if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return wrong;
    attachments.push({ filename, content: Buffer.from(base64, 'base64'), contentType: type });
  }
  return attachments;
}
