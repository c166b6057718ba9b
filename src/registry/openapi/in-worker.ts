import { Worker } from 'node:worker_threads';
import type { Draft } from './drafts.ts';
import type { Answered, Asked, Told } from './work.ts';

/** A document of 13 MB takes three seconds on one core; one that takes this long is not waited for. */
const TIME_MS = 60_000;
const MEMORY_MB = 768;
/** Documents that wait for their turn, beside the one that is read. */
const WAITING_MAX = 3;

export type ReadInWorker = { readonly answered: Answered; readonly drafts: readonly Draft[] };

let running = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * Reads a document in a thread of its own, so that calls are served meanwhile; one at a time, because each takes a core
 * and memory. Undefined where too many wait already.
 */
export async function readInWorker(asked: Asked): Promise<ReadInWorker | undefined> {
  if (running > WAITING_MAX) return undefined;
  running += 1;
  const turn = last.then(() => read(asked));
  last = turn.catch(() => {});
  try {
    return await turn;
  } finally {
    running -= 1;
  }
}

function read(asked: Asked): Promise<ReadInWorker> {
  return new Promise((resolve, reject) => {
    const drafts: Draft[] = [];
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: asked,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, stackSizeMb: 8 },
      // It needs no setting of the process, and is given none.
      env: {},
      stdout: true,
      stderr: true,
    });
    const unreadable = (reason: string): void => {
      resolve({ answered: { kind: 'unreadable', reason }, drafts: [] });
    };
    const timer = setTimeout(() => {
      unreadable(`The document takes longer than ${TIME_MS / 1000} s to read. Import a part of it.`);
      void worker.terminate();
    }, TIME_MS);
    worker.on('message', (told: Told) => {
      if (told.kind === 'drafts') drafts.push(...told.drafts);
      else resolve({ answered: told, drafts });
    });
    worker.on('error', (error: Error & { readonly code?: string }) => {
      // What is too deep or too large for the thread is the document's fault, and costs nothing but the thread.
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY' || error instanceof RangeError || error.name === 'RangeError') {
        unreadable('The document is too large or too deeply nested to be read.');
      } else reject(error);
    });
    worker.on('exit', () => {
      clearTimeout(timer);
      unreadable('The document could not be read.');
    });
  });
}
