import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { WorkerInput, WorkerWord } from './embedded-worker.ts';

/** How long the embedded engine may take, in milliseconds. */
export type EngineLimits = {
  /** For a start, which may have to replay what was not checkpointed before a crash. */
  readonly startMs: number;
  /** For one group of messages; no statement of ours may take as long. */
  readonly answerMs: number;
  /** For its end: what is under way, and a checkpoint; and once more when it is ended by force. */
  readonly endMs: number;
};

export const ENGINE_LIMITS: EngineLimits = { startMs: 120_000, answerMs: 30_000, endMs: 15_000 };

/** A thread that cannot even be ended: it is inside the operating system, as with a disk that does not answer. */
export class EngineWedged extends Error {
  override readonly name = 'EngineWedged';
}

const WORKER = new URL('./embedded-worker.ts', import.meta.url);
const WATCH_MS = 1_000;

/** The thread of an embedded PostgreSQL, from its start to its end. It has one conversation, with whoever attached. */
export class EngineThread {
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  readonly #limits: EngineLimits;
  #onBytes: (bytes: Buffer) => void = () => {};
  #reason = 'its thread ended';
  #isReady = false;
  #isAttached = false;
  #hasEnded = false;
  /** Resolves, with the reason, when it is no more. */
  readonly ended: Promise<string>;

  private constructor(dataDir: string | null, limits: EngineLimits) {
    this.#limits = limits;
    this.#progress = new Int32Array(new SharedArrayBuffer(8));
    const workerData: WorkerInput = { dataDir, progress: this.#progress };
    this.#worker = new Worker(WORKER, { workerData });
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#hasEnded = true;
        resolve(this.#reason);
      });
    });
    this.#worker.on('error', (fault) => {
      this.#reason = fault.message;
    });
    this.#worker.on('message', (message: Uint8Array | WorkerWord) => this.#hear(message));
  }

  /** Starts one. Rejects when it broke, or was not ready in time; then it has been ended. */
  static async start(dataDir: string | null, limits: EngineLimits = ENGINE_LIMITS): Promise<EngineThread> {
    const thread = new EngineThread(dataDir, limits);
    const patience = new AbortController();
    const ready = new Promise<void>((resolve) => thread.#worker.on('message', () => thread.#isReady && resolve()));
    const late = sleep(limits.startMs, `it was not ready after ${limits.startMs / 1000} s`, patience).catch(() => '');
    const failure = await Promise.race([ready, thread.ended, late]);
    patience.abort();
    if (failure !== undefined) {
      await thread.kill(failure);
      throw new Error(`The embedded engine could not be started: ${failure}`);
    }
    thread.#watch();
    return thread;
  }

  /** Whether a conversation may begin: prepared statements and settings of an earlier one would still be there. */
  get isFree(): boolean {
    return !this.#hasEnded && !this.#isAttached;
  }

  /** Begins the conversation; `onBytes` hears what the engine says. */
  attach(onBytes: (bytes: Buffer) => void): void {
    this.#isAttached = true;
    this.#onBytes = onBytes;
  }

  /** Says something. The buffer is handed over. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#worker.postMessage(bytes, [bytes.buffer]);
  }

  /** Bytes of the thread's JavaScript heap in use. */
  async heapUsed(): Promise<number> {
    return (await this.#worker.getHeapStatistics()).used_heap_size;
  }

  /** Lets it finish what it does, and ends it. Rejects with `EngineWedged` when it does not end. */
  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#worker.postMessage('close');
    if (!(await this.#endsWithin(this.#limits.endMs))) await this.kill('it did not end when it was asked to');
  }

  /** Ends it as a crash would. What it acknowledged is on disk. Rejects with `EngineWedged` when it does not end. */
  async kill(reason: string): Promise<void> {
    if (this.#hasEnded) return;
    this.#reason = reason;
    void this.#worker.terminate();
    if (await this.#endsWithin(this.#limits.endMs)) return;
    throw new EngineWedged(`The embedded engine's thread does not end (${reason}).`);
  }

  #hear(message: Uint8Array | WorkerWord): void {
    if (message instanceof Uint8Array) {
      this.#onBytes(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
    } else if (message.kind === 'ready') {
      this.#isReady = true;
    } else {
      this.#reason = message.reason;
    }
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const patience = new AbortController();
    const late = sleep(ms, false, patience).catch(() => false);
    const ended = await Promise.race([this.ended.then(() => true), late]);
    patience.abort();
    return ended;
  }

  /** Ends one that works on the same messages for too long: it never will answer. */
  #watch(): void {
    let [answered, since] = [-1, 0];
    const timer = setInterval(
      () => {
        const now = performance.now();
        const [begun, done] = [Atomics.load(this.#progress, 0), Atomics.load(this.#progress, 1)];
        if (begun === done || done !== answered) [answered, since] = [done, now];
        else if (now - since > this.#limits.answerMs) {
          clearInterval(timer);
          this.kill(`a statement had no answer after ${this.#limits.answerMs / 1000} s`).catch(wedged);
        }
      },
      Math.min(WATCH_MS, this.#limits.answerMs / 4),
    ).unref();
    void this.ended.then(() => clearInterval(timer));
  }
}

/** Ends the process: `process.exit` would wait for the thread, too. */
export function wedged(fault: unknown): void {
  process.stderr.write(`${(fault as Error).message} The process ends; start it again once the disk answers.\n`, () => {
    process.kill(process.pid, 'SIGKILL');
  });
}
