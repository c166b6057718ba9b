import type { Transporter } from 'nodemailer';
import type { Message } from '../notices/message.ts';

/** E-mail through the operator's own server. */
export type Mailer = {
  /** Rejects where the server did not take it. */
  send(to: { readonly name: string; readonly address: string }, message: Message): Promise<void>;
  close(): void;
};

const TIMEOUT_MS = 15_000;

/** Nothing is loaded or connected before the first message. */
export function createMailer(url: string, from: string): Mailer {
  let transport: Promise<Transporter> | undefined;
  const open = async (): Promise<Transporter> => {
    const { createTransport } = await import('nodemailer');
    const times = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
    return createTransport({ url, ...times, disableFileAccess: true, disableUrlAccess: true });
  };
  return {
    async send(to, { title, lines, link, thread }) {
      transport ??= open();
      const host = new URL(link).hostname;
      await (await transport).sendMail({
        from,
        to,
        subject: title,
        text: `${[...lines, '', 'See all of it, and decide:', link].join('\n')}\n`,
        // Notices of one thing stand together.
        references: `<${thread}@${host}>`,
        headers: { 'auto-submitted': 'auto-generated' },
      });
    },
    close: () => void transport?.then((opened) => opened.close()),
  };
}
