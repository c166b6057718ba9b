import { parentPort, workerData } from 'node:worker_threads';
import type { Draft } from './drafts.ts';
import { type Asked, answerOf, type Told } from './work.ts';

/** How many drafts are handed over at a time: what takes them serves calls in between. */
const BATCH = 40;

/** The thread that reads one document; `in-worker.ts` starts it. */
const asked = workerData as Asked;
const tell = (told: Told): void => parentPort!.postMessage(told);
let batch: Draft[] = [];
const hand = (): void => {
  if (batch.length > 0) tell({ kind: 'drafts', drafts: batch });
  batch = [];
};
const answer = answerOf(asked, (draft) => {
  batch.push(draft);
  if (batch.length === BATCH) hand();
});
hand();
tell(answer);
