import { connect } from 'node:net';

/** What came back over a socket until the other side closed it, or had been silent for too long. */
export type RawReply = { readonly text: string; readonly status: number | null; readonly closed: boolean };

const SILENCE_MS = 10_000;

/** Writes bytes to a port of this machine as they are: what no HTTP client would send. */
export function sendRaw(url: string, bytes: string | Uint8Array): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const done = (closed: boolean): void => {
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      resolve({ text, status: status === undefined ? null : Number(status), closed });
    };
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => done(true));
    socket.setTimeout(SILENCE_MS, () => done(false));
    // A server may reset the connection of somebody who goes on sending what nobody reads.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? done(true) : reject(error),
    );
  });
}
