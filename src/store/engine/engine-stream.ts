import { Duplex } from 'node:stream';
import type { EngineThread } from './engine-thread.ts';

/** A socket-shaped pipe to the embedded engine, for node-postgres' `stream` option. It ends with the engine's thread. */
export class EngineStream extends Duplex {
  readonly #claim: () => Promise<EngineThread>;
  #thread: EngineThread | undefined;

  /** `claim` gives the thread to talk to, which is nobody else's, or rejects. */
  constructor(claim: () => Promise<EngineThread>) {
    super();
    this.#claim = claim;
  }

  connect(): this {
    this.#claim().then(
      (thread) => {
        if (this.destroyed) return;
        this.#thread = thread;
        thread.attach((bytes) => this.push(bytes));
        void thread.ended.then(() => this.destroy());
        this.emit('connect');
      },
      (fault) => this.destroy(fault),
    );
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

  override _final(done: () => void): void {
    done();
    this.destroy();
  }

  /** A copy is handed over: sent as it is, a chunk would be cloned together with the whole buffer it is a part of. */
  #send(chunks: Uint8Array[]): void {
    const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#thread?.send(bytes);
  }
}
