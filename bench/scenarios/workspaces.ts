import type { Bench } from '../bench.ts';
import { autoRequests } from '../contestant.ts';
import { measure, type Window } from '../measure/window.ts';

/** One gate at one number of connections: with one hot workspace, and with all of them in turn. */
export type WorkspacesResult = {
  readonly name: string;
  readonly connections: number;
  readonly workspaces: number;
  readonly one: readonly Window[];
  readonly many: readonly Window[];
};

/** Whether many workspaces cost more than one, for the calls and for the sequencer behind them. */
export async function compareWorkspaces({ scale, load, gates, say }: Bench): Promise<WorkspacesResult[]> {
  const results: WorkspacesResult[] = [];
  for (const gate of gates) {
    const requests = autoRequests(gate.workspaces);
    // Every workspace's facts are read once before anything is measured.
    await measure(load, gate, { connections: 32, requests, warmMs: 0, until: { calls: requests.length * 2 } });
    for (const connections of scale.connections.filter((count) => count > 1)) {
      const one: Window[] = [];
      const many: Window[] = [];
      for (let repeat = 0; repeat < scale.workspacesRepeats; repeat++) {
        say(`workspaces, repeat ${repeat + 1} of ${scale.workspacesRepeats}: ${gate.name}, ${connections} connections`);
        const options = { connections, warmMs: scale.warmMs, until: { forMs: scale.workspacesWindowMs } };
        one.push(await measure(load, gate, options));
        many.push(await measure(load, gate, { ...options, requests }));
      }
      results.push({ name: gate.name, connections, workspaces: requests.length, one, many });
    }
  }
  return results;
}
