import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { lockDirectory } from './directory-lock.ts';

/** A socket-shaped pipe to the embedded engine, for node-postgres' `stream` option. */
class EngineStream extends Duplex {
  readonly #worker: Worker;

  constructor(worker: Worker) {
    super();
    this.#worker = worker;
    worker.on('message', (bytes: Uint8Array) =>
      this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    );
    worker.on('exit', () => this.destroy());
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}
  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#send([chunk]);
    done();
  }
  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk));
    done();
  }

  /** A copy is handed over: sent as it is, a chunk would be cloned together with the whole buffer it is a part of. */
  #send(chunks: Uint8Array[]): void {
    const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#worker.postMessage(bytes, [bytes.buffer]);
  }
}

export type EmbeddedEngine = { stream(): Duplex; close(): Promise<void> };

/**
 * Starts the embedded PostgreSQL (PGlite) on `dataDir`, or in memory when it is null.
 * Commits are on disk before they are acknowledged. Throws `DirectoryInUse` when another process holds the
 * directory: PGlite itself would let two processes destroy it.
 */
export async function startEmbedded(dataDir: string | null): Promise<EmbeddedEngine> {
  let release = (): void => {};
  let engineDir: string | null = null;
  if (dataDir !== null) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    release = lockDirectory(dataDir);
    engineDir = join(dataDir, 'db');
  }
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), { workerData: { dataDir: engineDir } });
  try {
    await once(worker, 'message');
  } catch (fault) {
    release();
    throw fault;
  }
  return {
    stream: () => new EngineStream(worker),
    async close() {
      const exited = once(worker, 'exit');
      worker.postMessage('close');
      await exited;
      release();
    },
  };
}
