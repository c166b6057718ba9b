import { connect, type Socket } from 'node:net';

/** One complete answer. `body` is given only when it was asked for. */
export type Answered = { readonly status: number; readonly body: string | undefined };

/**
 * A keep-alive HTTP/1.1 connection that writes requests as ready bytes and reads as little of the answer as it can:
 * a load generator that costs as much as what it measures would measure itself.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #keepBody: boolean;
  #resolve: (answer: Answered) => void = () => {};
  #reject: (fault: Error) => void = () => {};
  #received: Buffer | undefined;

  private constructor(socket: Socket, keepBody: boolean) {
    this.#socket = socket;
    this.#keepBody = keepBody;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (fault) => this.#reject(fault));
    socket.on('close', () => this.#reject(new Error('the server closed the connection')));
  }

  static open(port: number, keepBody: boolean): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket, keepBody));
      });
    });
  }

  /** Sends one request; the next may be sent when this one is answered. */
  send(request: Uint8Array): Promise<Answered> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const received = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    const answer = readAnswer(received, this.#keepBody);
    this.#received = answer === undefined ? received : undefined;
    if (answer !== undefined) this.#resolve(answer);
  }
}

/**
 * The answer at the start of `bytes`, or undefined while it is not complete. Understands `Content-Length` and, when
 * nothing follows it, `Transfer-Encoding: chunked`.
 */
export function readAnswer(bytes: Buffer, keepBody: boolean): Answered | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const bodyStart = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const bodyEnd = bodyStart + Number(length);
    if (bytes.length < bodyEnd) return undefined;
    return { status, body: keepBody ? bytes.toString('utf8', bodyStart, bodyEnd) : undefined };
  }
  if (!bytes.subarray(bodyStart).toString('latin1').endsWith('0\r\n\r\n')) return undefined;
  return { status, body: keepBody ? unchunk(bytes.subarray(bodyStart)) : undefined };
}

function unchunk(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(size > 0)) return Buffer.concat(parts).toString('utf8');
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/** The bytes of one request. */
export function requestBytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Uint8Array {
  const lines = Object.entries({ host: '127.0.0.1', ...headers, 'content-type': 'application/json' });
  const head = [`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.from(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
