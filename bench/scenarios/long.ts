import type { Bench } from '../bench.ts';
import { measure, type Window } from '../measure/window.ts';
import { LONG_SLICES, STEADY_CONNECTIONS } from '../scale.ts';

/** One gate over 200,000 calls without a restart, in slices of 10,000. */
export type LongResult = { readonly name: string; readonly slices: readonly Window[] };

/** Whether latency or memory grow with the number of calls served, and with the rows behind them. */
export async function runLong({ scale, load, gates, say }: Bench): Promise<LongResult[]> {
  const results: LongResult[] = [];
  for (const gate of gates) {
    const slices: Window[] = [];
    for (let slice = 0; slice < LONG_SLICES; slice++) {
      say(`long run: ${gate.name}, slice ${slice + 1} of ${LONG_SLICES}`);
      const until = { calls: scale.longSliceCalls };
      slices.push(await measure(load, gate, { connections: STEADY_CONNECTIONS, warmMs: 0, until }));
    }
    results.push({ name: gate.name, slices });
  }
  return results;
}
