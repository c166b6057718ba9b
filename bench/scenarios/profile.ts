import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { type GateContestant, mcpCall } from '../contestant.ts';
import { connectMcp, MCP_TOOL } from '../gate/mcp.ts';
import { measure, type Window } from '../measure/window.ts';
import type { Section } from '../options.ts';
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

/** Profiles the main thread of each gate under a steady load and keeps the profiles for developer tools. */
export async function runProfile(
  { load, upstream, gates, say }: Bench,
  folder: string,
  sections: ReadonlySet<Section>,
): Promise<ProfileResult[]> {
  const profiled: { readonly gate: GateContestant; readonly file: string }[] = [];
  for (const gate of gates) {
    if (sections.has('calls')) profiled.push({ gate, file: `${gate.engine}.cpuprofile` });
    if (!sections.has('mcp')) continue;
    await connectMcp(gate, upstream.port);
    const requests = [mcpCall(MCP_TOOL, gate.workspaces[0]!.token)];
    profiled.push({
      gate: { ...gate, name: `tools/call, ${gate.name}`, requests },
      file: `${gate.engine}-mcp.cpuprofile`,
    });
  }
  const results: ProfileResult[] = [];
  for (const { gate, file: name } of profiled) {
    say(`profiling: ${gate.name}`);
    const options = { connections: STEADY_CONNECTIONS, warmMs: 0 };
    await measure(load, gate, { ...options, until: { calls: WARM_CALLS } });
    const window = await measure(load, gate, { ...options, until: { calls: CALLS } });
    await gate.profile.start();
    await measure(load, gate, { ...options, until: { calls: CALLS } });
    const profile = await gate.profile.stop();
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(profile));
    results.push({ name: gate.name, window, summary: summarize(profile, FUNCTIONS), file });
  }
  return results;
}
