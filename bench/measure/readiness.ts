import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

const SAMPLE_MS = 200;
const POLL_MS = 20;
const DRAIN_MAX_MS = 120_000;

type Ready = { readonly sequencer_lag_ms?: number };

/** How old the oldest audit entry outside the chain is, as `GET /readyz` tells an operator. */
function lagMs(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // A connection of its own each time: a kept one may be closed by the server at the moment of its next use.
    get({ host: '127.0.0.1', port, path: '/readyz', agent: false }, (answer) => {
      text(answer).then((body) => {
        const { sequencer_lag_ms: lag } = JSON.parse(body) as Ready;
        if (lag === undefined) reject(new Error(`/readyz answered ${answer.statusCode}`));
        else resolve(lag);
      }, reject);
    }).on('error', reject);
  });
}

/** Watches the sequencer's lag while `work` runs. `samples` are in milliseconds. */
export async function watchLag<T>(port: number, work: () => Promise<T>): Promise<{ result: T; samples: number[] }> {
  const samples: number[] = [];
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      await setTimeout(SAMPLE_MS, undefined, { signal: over.signal }).catch(() => {});
      if (!over.signal.aborted) samples.push(await lagMs(port));
    }
  })();
  try {
    return { result: await work(), samples };
  } finally {
    over.abort();
    await watching;
  }
}

/** Waits until every audit entry is in its chain, so that the next measurement starts without a debt. In milliseconds. */
export async function drained(port: number): Promise<number> {
  const started = performance.now();
  while ((await lagMs(port)) > 0) {
    if (performance.now() - started > DRAIN_MAX_MS) throw new Error('The sequencer does not catch up');
    await setTimeout(POLL_MS);
  }
  return performance.now() - started;
}
