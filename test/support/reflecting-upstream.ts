import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** An upstream that says back what it was sent. */
export type ReflectingUpstream = {
  readonly url: string;
  readonly host: string;
  /** What it was asked for, oldest first: path with query, and headers. */
  readonly asked: { readonly path: string; readonly headers: Record<string, unknown> }[];
  close(): Promise<void>;
};

/** Answers with the header `x-api-key` in the way that the last part of the path names; `error-…` as a 422. */
export async function startReflectingUpstream(): Promise<ReflectingUpstream> {
  const asked: ReflectingUpstream['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url!, headers: request.headers });
    const value = String(request.headers['x-api-key'] ?? '');
    const [way, isError] = wayOf(new URL(request.url!, 'http://a.invalid').pathname);
    const type = way === 'raw' || way === 'split' || way === 'binary' ? 'text/plain' : 'application/json';
    response.statusCode = isError ? 422 : way === 'redirect' ? 302 : 200;
    if (way === 'redirect') response.setHeader('location', `/raw?${value}`);
    response.setHeader('content-type', `${type}; x="${encodeURIComponent(value)}"`);
    if (way === 'gzip') response.setHeader('content-encoding', 'gzip');
    if (way === 'undecodable') response.setHeader('content-encoding', 'zstd');
    if (way === 'split') {
      response.write(`it is ${value.slice(0, 5)}`);
      setImmediate(() => response.end(`${value.slice(5)} indeed`));
      return;
    }
    response.end(bodyOf(way, value));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function wayOf(path: string): [way: string, isError: boolean] {
  const last = path.split('/').at(-1)!;
  return last.startsWith('error-') ? [last.slice(6), true] : [last, false];
}

function bodyOf(way: string, value: string): string | Buffer {
  switch (way) {
    case 'base64':
      return JSON.stringify({ basic: Buffer.from(`me:${value}`).toString('base64') });
    case 'url':
      return JSON.stringify({ next: `/next?key=${encodeURIComponent(value)}` });
    case 'json':
      return JSON.stringify({ echo: value, deep: JSON.stringify({ value }) });
    case 'key':
      return JSON.stringify({ [value]: true });
    case 'gzip':
    case 'undecodable':
      return gzipSync(JSON.stringify({ echo: value }));
    case 'binary':
      return Buffer.concat([Buffer.from([0, 255]), Buffer.from(value)]);
    default:
      return `it is ${value} indeed`;
  }
}
