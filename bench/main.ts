import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import { type GateContestant, startGate, startProxy, startUpstream } from './contestant.ts';
import { createDatabase, durableSettings } from './measure/database.ts';
import { measureSync } from './measure/disk.ts';
import { describeMachine } from './measure/machine.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { startProcess } from './processes/channel.ts';
import type { LoadVerbs } from './processes/load.ts';
import type { PartFigures, PartsVerbs } from './processes/parts.ts';
import { report } from './report/print.ts';
import type { BenchResult } from './report/result.ts';
import { FULL, QUICK, type Scale } from './scale.ts';
import { runApprovals } from './scenarios/approvals.ts';
import { compareCalls } from './scenarios/calls.ts';
import { runLong } from './scenarios/long.ts';
import { compareMcp } from './scenarios/mcp.ts';
import { runProfile } from './scenarios/profile.ts';
import { compareWorkspaces } from './scenarios/workspaces.ts';

/** `npm run bench`: see docs/performance.md. PostgreSQL and Redis come from scripts/bench.ts. */

const folder = fileURLToPath(new URL('./results/', import.meta.url));
const serverUrl = process.env.TEST_DATABASE_URL || undefined;
const redisUrl = process.env.TEST_REDIS_URL || undefined;

/** Rejects at the first Ctrl-C, so that what was started is stopped and what was made is removed. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error('Interrupted')));
});

type Findings = Pick<BenchResult, 'calls' | 'mcp' | 'workspaces' | 'approvals' | 'parts' | 'long' | 'profiles'>;

async function run(options: Options): Promise<BenchResult> {
  const started = performance.now();
  mkdirSync(folder, { recursive: true });
  const machine = describeMachine();
  const postgres = serverUrl === undefined ? undefined : await durableSettings(serverUrl);
  const scale = options.quick ? QUICK : FULL;
  const findings = await find(options, scale);
  return {
    command: ['npm run bench', ...process.argv.slice(2)].join(' ').replace('bench ', 'bench -- '),
    machine,
    scale,
    postgres,
    syncUs: measureSync(folder),
    seconds: (performance.now() - started) / 1000,
    ...findings,
  };
}

async function find(options: Options, scale: Scale): Promise<Findings> {
  const { mode, sections } = options;
  if (mode !== 'compare') {
    return withContestants(scale, 1, async (bench) =>
      mode === 'long' ? { long: await runLong(bench) } : { profiles: await runProfile(bench, folder, sections) },
    );
  }
  const findings = await withContestants(scale, sections.has('workspaces') ? scale.workspaces : 1, async (bench) => ({
    ...(sections.has('calls') && { calls: await compareCalls(bench) }),
    ...(sections.has('mcp') && { mcp: await compareMcp(bench) }),
    ...(sections.has('workspaces') && { workspaces: await compareWorkspaces(bench) }),
    ...(sections.has('approvals') && { approvals: await runApprovals(bench) }),
  }));
  return { ...findings, ...(sections.has('parts') && { parts: await runParts(scale) }) };
}

async function withContestants(
  scale: Scale,
  workspaces: number,
  work: (bench: Bench) => Promise<Findings>,
): Promise<Findings> {
  const stops: (() => Promise<void>)[] = [];
  const keep = <T extends { stop(): Promise<void> }>(started: T): T => {
    stops.unshift(() => started.stop());
    return started;
  };
  try {
    const upstream = keep(await startUpstream());
    const proxy = keep(await startProxy(upstream.port));
    const gates: GateContestant[] = [];
    for (const url of serverUrl === undefined ? [undefined] : [serverUrl, undefined]) {
      say(`starting a gate ${url === undefined ? 'on the embedded engine' : 'on PostgreSQL'}`);
      gates.push(keep(await startGate({ serverUrl: url, folder, upstreamPort: upstream.port, workspaces })));
    }
    const load = keep(startProcess<LoadVerbs>('load'));
    return await Promise.race([work({ scale, load, upstream, proxy, gates, say }), interrupted]);
  } finally {
    for (const stop of stops) await stop();
  }
}

async function runParts(scale: Scale): Promise<PartFigures[]> {
  say('the parts');
  const database = serverUrl === undefined ? undefined : await createDatabase(serverUrl);
  const dataDir = join(folder, `data-parts-${process.pid}`);
  const parts = startProcess<PartsVerbs>('parts');
  try {
    const { workspaces, partMs, repeats, sequencerEntries } = scale;
    const input = { databaseUrl: database?.url, dataDir, redisUrl, workspaces, partMs, repeats, sequencerEntries };
    return await Promise.race([parts.call.run(input), interrupted]);
  } finally {
    await parts.stop();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Progress, on one line of a terminal. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (mistake) {
  process.stderr.write(`${mistake instanceof Error ? mistake.message : mistake}\n\n${USAGE}`);
  process.exit(2);
}
const result = await run(options);
say('');
const file = join(folder, `${result.machine.at.replaceAll(':', '')}-${options.mode}.json`);
writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
process.stdout.write(`${report(result)}Written to ${file}\n`);
