import { median, ratio, type Spread, spread } from '../measure/numbers.ts';
import type { Window } from '../measure/window.ts';
import type { CallsResult } from '../scenarios/calls.ts';
import type { LongResult } from '../scenarios/long.ts';
import type { BenchResult } from './result.ts';

/** One aim and what was reached. */
export type Aim = {
  readonly what: string;
  readonly aim: string;
  readonly reached: Spread;
  readonly met: boolean;
};

const MB = 1_000_000;
const RATIO_MIN = 0.4;
const MCP_RATIO_MIN = 2;
const OVERHEAD_MAX_MS = 1;
const MEMORY_MAX_MB = 250;
const WORKSPACES_MIN = 0.8;
const LAG_MAX_MS = 1_000;
/** "No growth": the last tenth of a long run against the second. */
const GROWTH_MAX = 1.15;

/** What the project set out to reach, and how this run stands to it. An aim is met by the median of the repeats. */
export function aimsOf(result: BenchResult): Aim[] {
  return [...callAims(result), ...mcpAims(result), ...workspaceAims(result), ...(result.long ?? []).flatMap(longAims)];
}

function callAims({ calls = [] }: BenchResult): Aim[] {
  const aims: Aim[] = [];
  for (const governed of calls.filter(({ name }) => name.startsWith('governed'))) {
    const { name, connections } = governed;
    const at = (contestant: string): CallsResult =>
      calls.find((other) => other.name === contestant && other.connections === connections)!;
    if (connections === 1) {
      const upstream = at('upstream stub, direct').windows;
      const overhead = spread(governed.windows.map(({ p50Us }, repeat) => (p50Us - upstream[repeat]!.p50Us) / 1000));
      aims.push(atMost(`${name}: p50 over the upstream's own, 1 connection`, overhead, OVERHEAD_MAX_MS, 'ms'));
      continue;
    }
    const against = ratio(column(governed.windows, 'perSecond'), column(at('bare proxy').windows, 'perSecond'));
    aims.push(atLeast(`${name}: calls/s against the bare proxy, ${connections} connections`, against, RATIO_MIN));
    const memory = spread(governed.windows.map(({ peakRssBytes }) => peakRssBytes / MB));
    if (connections === 128) aims.push(atMost(`${name}: memory, 128 connections`, memory, MEMORY_MAX_MB, 'MB'));
  }
  return aims;
}

function mcpAims({ mcp = [] }: BenchResult): Aim[] {
  return mcp
    .filter(({ name }) => name.startsWith('governed'))
    .map(({ name, connections, windows }) => {
      const proxy = mcp.find((one) => one.name === 'mcp-proxy' && one.connections === connections)!.windows;
      const where = `${name}: tools/call against mcp-proxy`;
      return connections === 1
        ? atMost(`${where}, p50 at 1 connection`, ratio(column(windows, 'p50Us'), column(proxy, 'p50Us')), 1, '×')
        : atLeast(
            `${where}, calls/s at ${connections}`,
            ratio(column(windows, 'perSecond'), column(proxy, 'perSecond')),
            MCP_RATIO_MIN,
          );
    });
}

function workspaceAims({ workspaces = [] }: BenchResult): Aim[] {
  return workspaces.flatMap(({ name, connections, workspaces: count, one, many }) => {
    const where = `${name}, ${connections} connections`;
    const lag = spread([...one, ...many].map(({ lagMaxMs = Number.NaN }) => lagMaxMs));
    return [
      atLeast(
        `${where}: calls/s with ${count} workspaces against one`,
        ratio(column(many, 'perSecond'), column(one, 'perSecond')),
        WORKSPACES_MIN,
      ),
      { ...atMost(`${where}: highest sequencer lag`, lag, LAG_MAX_MS, 'ms'), met: lag.max < LAG_MAX_MS },
    ];
  });
}

function longAims({ name, slices }: LongResult): Aim[] {
  const growth = (of: (window: Window) => number): Spread => {
    const tenth = Math.max(1, Math.floor(slices.length / 10));
    const early = median(slices.slice(tenth, 2 * tenth).map(of));
    return spread(slices.slice(-tenth).map((slice) => of(slice) / early));
  };
  const calls = slices.reduce((sum, slice) => sum + slice.calls, 0).toLocaleString('en-US');
  return [
    atMost(
      `${name}: p50 after ${calls} calls against the start`,
      growth(({ p50Us }) => p50Us),
      GROWTH_MAX,
    ),
    atMost(
      `${name}: memory after ${calls} calls against the start`,
      growth(({ peakRssBytes }) => peakRssBytes),
      GROWTH_MAX,
    ),
    {
      ...atMost(`${name}: highest sequencer lag`, spread(slices.map(({ lagMaxMs }) => lagMaxMs!)), LAG_MAX_MS, 'ms'),
      met: slices.every(({ lagMaxMs }) => lagMaxMs! < LAG_MAX_MS),
    },
  ];
}

function atLeast(what: string, reached: Spread, least: number): Aim {
  return { what, aim: `≥ ${least}`, reached, met: reached.median >= least };
}

function atMost(what: string, reached: Spread, most: number, unit = ''): Aim {
  return { what, aim: `< ${most} ${unit}`.trim(), reached, met: reached.median < most };
}

export function column(windows: readonly Window[], name: 'perSecond' | 'p50Us' | 'p99Us' | 'cpuUs'): number[] {
  return windows.map((window) => window[name]);
}
