import type { IncomingMessage } from 'node:http';

/** So much of a body that nobody reads is still taken and dropped, so that its sender hears the answer. */
const DROPPED_MAX_BYTES = 1024 * 1024;
const DROPPED_MAX_MS = 5_000;

/** Lets the rest of a refused request run off, without keeping it. What goes on for too long is cut off. */
export function dropBody(incoming: IncomingMessage): void {
  if (incoming.complete) {
    incoming.resume();
    return;
  }
  let leftBytes = DROPPED_MAX_BYTES;
  const timer = setTimeout(() => incoming.destroy(), DROPPED_MAX_MS);
  timer.unref();
  const done = (): void => clearTimeout(timer);
  incoming.on('data', (chunk: Buffer) => {
    leftBytes -= chunk.length;
    if (leftBytes < 0) incoming.destroy();
  });
  incoming.once('end', done).once('close', done).once('error', done);
}
