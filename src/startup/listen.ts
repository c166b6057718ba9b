import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerClientError } from '../api/client-error.ts';
import { answerStarting } from '../api/starting.ts';
import { BadSettings, type Settings } from '../settings.ts';

/** Longer than proxies and clients keep a connection that nobody uses: whoever ends it last loses no request. */
const KEEP_ALIVE_MS = 75_000;
/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

/** A server that has its port, and answers that it is starting until it is given what to serve. */
export type Listening = {
  readonly server: Server;
  /** Where people reach it. */
  readonly url: string;
  serve(listener: RequestListener): void;
};

/** Takes the port before anything else is touched: a start that cannot serve must leave nothing behind. */
export async function listen(settings: Settings): Promise<Listening> {
  const limits = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: 10_000, keepAliveTimeout: KEEP_ALIVE_MS };
  const server = createServer(limits, answerStarting);
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (fault) => reject(listenFault(settings, fault)));
    server.listen(settings.PORT, settings.HOST, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  return {
    server,
    url: settings.COUNTERSIGN_PUBLIC_URL ?? urlOf(server, settings.HOST),
    serve(listener) {
      server.off('request', answerStarting);
      server.on('request', listener);
    },
  };
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function listenFault({ HOST, PORT }: Settings, fault: Error): unknown {
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `PORT ${PORT} of ${HOST} is in use. Stop what uses it, or set PORT to another one.`,
    EACCES: `PORT ${PORT} may not be used by this account. Set PORT to one above 1023.`,
    EADDRNOTAVAIL: `HOST ${HOST} is not an address of this machine. Set HOST to one that is, such as 127.0.0.1.`,
    EAFNOSUPPORT: `HOST ${HOST} is of a kind that this machine does not have. Set HOST to another address, such as 127.0.0.1.`,
    ENOTFOUND: `HOST ${HOST} is not a name that this machine knows. Set HOST to an address of this machine, such as 127.0.0.1.`,
    EAI_AGAIN: `HOST ${HOST} could not be looked up. Set HOST to an address of this machine, such as 127.0.0.1.`,
  };
  const sentence = sentences[(fault as NodeJS.ErrnoException).code ?? ''];
  return sentence === undefined ? fault : new BadSettings(sentence, { cause: fault });
}
