import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

const MEGABYTE = 1024 * 1024;
const CHUNK = Buffer.alloc(MEGABYTE, 'a');
const LONG_MEGABYTES = 100;
const DRIP_MS = 20;

/** 100 MB of zeros in 100 kB. */
const bomb = gzipSync(Buffer.alloc(LONG_MEGABYTES * MEGABYTE));

type Bad = (response: ServerResponse) => void;

/** Every way in which an upstream misbehaves, by name. */
const BAD = {
  /** Never answers. */
  hang: () => {},
  /** Sends its answer so slowly that it never ends. */
  drip: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), DRIP_MS);
    response.once('close', () => clearInterval(timer));
  },
  /** Cuts the connection instead of answering. */
  cut: (response) => {
    response.destroy();
  },
  /** Cuts the connection within the body. */
  cut_within: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"done":', () => response.destroy());
  },
  /** Says it worked, in 100 MB. */
  long: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    let sent = 0;
    const go = (): void => {
      while (!response.destroyed && sent < LONG_MEGABYTES) {
        sent += 1;
        if (!response.write(CHUNK)) return void response.once('drain', go);
      }
      response.end();
    };
    go();
  },
  /** Says it worked, in 100 kB that are 100 MB. */
  bomb: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
  },
  /** Says it worked, in JSON that is none. */
  garbage: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"done": tru');
  },
  /** Says that it did not work. */
  error: (response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"broken"}');
  },
  /** Nearly a megabyte of honest JSON that doubles when it is quoted. */
  large: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(`[${'"",'.repeat(300_000)}""]`);
  },
} satisfies Record<string, Bad>;

export type BadKind = keyof typeof BAD;

/** Gives the named bad answer. */
export function badAnswer(kind: string, response: ServerResponse): void {
  BAD[kind as BadKind](response);
}
