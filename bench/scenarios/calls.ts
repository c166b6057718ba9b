import type { Bench } from '../bench.ts';
import type { Contestant } from '../contestant.ts';
import { measure, type Window } from '../measure/window.ts';
import { STEADY_CONNECTIONS } from '../scale.ts';

/** All windows of one contestant at one number of connections, in the order of the repeats. */
export type CallsResult = { readonly name: string; readonly connections: number; readonly windows: readonly Window[] };

/**
 * The main comparison: the same payload through every contestant. Repeats are interleaved and start with another
 * contestant each time, so that a busy neighbour or a hot machine falls on all of them alike.
 */
export function compareCalls(bench: Bench): Promise<CallsResult[]> {
  const { upstream, proxy, gates, scale } = bench;
  return compare(bench, 'calls', [upstream, proxy, ...gates], scale.connections);
}

/** Every contestant at every number of connections, in turn. */
export async function compare(
  { scale, load, say }: Bench,
  what: string,
  contestants: readonly Contestant[],
  counts: readonly number[],
): Promise<CallsResult[]> {
  const windows = new Map<string, Window[]>();
  const key = (contestant: Contestant, connections: number) => `${contestant.name} ${connections}`;

  for (const contestant of contestants) {
    say(`warming up: ${contestant.name}`);
    await measure(load, contestant, { connections: STEADY_CONNECTIONS, warmMs: 0, until: scale.warmUp });
  }
  for (let repeat = 0; repeat < scale.repeats; repeat++) {
    for (const connections of counts) {
      for (let turn = 0; turn < contestants.length; turn++) {
        const contestant = contestants[(turn + repeat) % contestants.length]!;
        say(`${what}, repeat ${repeat + 1} of ${scale.repeats}: ${contestant.name}, ${connections} connections`);
        const window = await measure(load, contestant, {
          connections,
          warmMs: scale.warmMs,
          until: { forMs: scale.windowMs },
        });
        windows.set(key(contestant, connections), [...(windows.get(key(contestant, connections)) ?? []), window]);
      }
    }
  }
  return counts.flatMap((connections) =>
    contestants.map((contestant) => ({
      name: contestant.name,
      connections,
      windows: windows.get(key(contestant, connections))!,
    })),
  );
}
