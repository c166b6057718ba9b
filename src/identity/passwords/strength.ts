import { Worker } from 'node:worker_threads';

/** Of zxcvbn's 0 to 4: from here on, more than 10^8 guesses. */
const SCORE_MIN = 3;
/** What is judged. zxcvbn's time grows with the square of the length, and what begins well ends well. */
const JUDGED_LENGTH = 64;
const WORKER_MAX_MS = 20_000;

let last: Promise<unknown> = Promise.resolve();

/**
 * What is wrong with a password that can be guessed (common ones, repetitions, keyboard rows, dates, what is known of
 * its owner), or null. Judged by zxcvbn in a thread that ends, one after the other: its lists take 44 MB, and a long
 * password 90 ms. Rejects when it cannot be judged.
 */
export function passwordWeakness(password: string, about: readonly string[]): Promise<string | null> {
  const judged = last.then(() => scoreOf(password, about));
  last = judged.catch(() => {});
  return judged.then((score) =>
    score >= SCORE_MIN ? null : 'is easy to guess: choose several unrelated words, or let a password manager make one',
  );
}

function scoreOf(password: string, about: readonly string[]): Promise<number> {
  const words = about.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).filter((word) => word.length > 2);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./strength-worker.ts', import.meta.url), {
      workerData: {
        password: password.slice(0, JUDGED_LENGTH),
        about: ['countersign', ...words.slice(0, 20)],
        maxLength: JUDGED_LENGTH,
      },
    });
    const tooLong = setTimeout(() => void worker.terminate(), WORKER_MAX_MS);
    worker.once('message', ({ score }: { score: number }) => resolve(score));
    worker.once('error', reject);
    worker.once('exit', () => {
      clearTimeout(tooLong);
      reject(new Error('The password could not be judged'));
    });
  });
}
