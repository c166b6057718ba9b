import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A real SMTP server on loopback that keeps what it is handed. */
export type MailServer = {
  readonly url: string;
  readonly mails: ParsedMail[];
  /** Takes nothing from now on, or again. */
  refuse(refuses: boolean): void;
  close(): Promise<void>;
};

export async function startMailServer(): Promise<MailServer> {
  const mails: ParsedMail[] = [];
  let refuses = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        if (refuses) return done(Object.assign(new Error('not now'), { responseCode: 451 }));
        mails.push(mail);
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    refuse(next) {
      refuses = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
