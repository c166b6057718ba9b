import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { measure, type Window } from '../measure/window.ts';
import { type ProfileSummary, summarize } from '../profile/rooms.ts';
import { STEADY_CONNECTIONS } from '../scale.ts';

export type ProfileResult = {
  readonly name: string;
  /** The same load right before, without the profiler: what the shares are shares of. */
  readonly window: Window;
  readonly summary: ProfileSummary;
  readonly file: string;
};

const WARM_CALLS = 8_000;
const CALLS = 8_000;
const FUNCTIONS = 40;

/** Profiles the main thread of each gate under a steady load and keeps the profile for developer tools. */
export async function runProfile({ load, gates, say }: Bench, folder: string): Promise<ProfileResult[]> {
  const results: ProfileResult[] = [];
  for (const gate of gates) {
    say(`profiling: ${gate.name}`);
    const options = { connections: STEADY_CONNECTIONS, warmMs: 0 };
    await measure(load, gate, { ...options, until: { calls: WARM_CALLS } });
    const window = await measure(load, gate, { ...options, until: { calls: CALLS } });
    await gate.profile.start();
    await measure(load, gate, { ...options, until: { calls: CALLS } });
    const profile = await gate.profile.stop();
    const file = join(folder, `${gate.engine}.cpuprofile`);
    writeFileSync(file, JSON.stringify(profile));
    results.push({ name: gate.name, window, summary: summarize(profile, FUNCTIONS), file });
  }
  return results;
}
