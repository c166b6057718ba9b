import { median, ratio, spread } from '../measure/numbers.ts';
import type { Window } from '../measure/window.ts';
import type { CallsResult } from '../scenarios/calls.ts';
import type { ProfileResult } from '../scenarios/profile.ts';
import type { Aim } from './aims.ts';
import { aimsOf, column } from './aims.ts';
import type { BenchResult } from './result.ts';
import { figure, table, withSpread } from './table.ts';

/** The whole result as text, the ratios first. */
export function report(result: BenchResult): string {
  const aims = aimsOf(result);
  const parts = [
    section('Against the bare proxy, calls/s', result.calls && ratios(result.calls)),
    section('tools/call against mcp-proxy, calls/s', result.mcp && ratios(result.mcp, 'mcp-proxy')),
    section('Aims', aims.length === 0 ? undefined : aimTable(aims)),
    section('Calls', result.calls && callTable(result.calls)),
    section('tools/call over MCP', result.mcp && callTable(result.mcp)),
    section('One workspace and many', result.workspaces && workspaceTable(result)),
    section('The approve path, a second at 32 connections', result.approvals && approvalTable(result)),
    section('The parts', result.parts && partTable(result)),
    section('The long run', result.long && longTable(result)),
    ...(result.profiles ?? []).map((profile) => section(`Profile: ${profile.name}`, profileTables(profile))),
    machineLines(result),
  ];
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

function section(title: string, body: string | undefined): string | undefined {
  return body && `${title}\n${'='.repeat(title.length)}\n${body}`;
}

function ratios(calls: readonly CallsResult[], other = 'bare proxy'): string {
  const connections = [...new Set(calls.map((one) => one.connections))];
  const names = [...new Set(calls.map(({ name }) => name))];
  const at = (name: string, count: number) =>
    calls.find((one) => one.name === name && one.connections === count)!.windows;
  const cell = (name: string, count: number) =>
    withSpread(ratio(column(at(name, count), 'perSecond'), column(at(other, count), 'perSecond')));
  return table([
    ['connections', ...connections.map(String)],
    ...names.map((name) => [name, ...connections.map((count) => cell(name, count))]),
  ]);
}

function aimTable(aims: readonly Aim[]): string {
  return table([
    ['what', 'aim', 'reached', ''],
    ...aims.map(({ what, aim, reached, met }) => [what, aim, withSpread(reached), met ? 'met' : 'NOT MET']),
  ]);
}

function callTable(calls: readonly CallsResult[]): string {
  const middle = (windows: readonly Window[], of: (window: Window) => number | undefined): string => {
    const values = windows.map(of).filter((value) => value !== undefined);
    return values.length === 0 ? '' : figure(median(values));
  };
  return table([
    [
      'connections, contestant',
      'calls/s',
      'p50 ms',
      'p99 ms',
      'CPU µs',
      'main thread µs',
      'PostgreSQL µs',
      'load µs',
      'peak MB',
      'lag ms',
    ],
    ...calls.map(({ name, connections, windows }) => [
      `${String(connections).padStart(3)}  ${name}`,
      withSpread(spread(column(windows, 'perSecond'))),
      middle(windows, ({ p50Us }) => p50Us / 1000),
      middle(windows, ({ p99Us }) => p99Us / 1000),
      middle(windows, ({ cpuUs }) => cpuUs),
      middle(windows, ({ mainThreadCpuUs }) => mainThreadCpuUs),
      middle(windows, ({ databaseCpuUs }) => databaseCpuUs),
      middle(windows, ({ loadCpuUs }) => loadCpuUs),
      middle(windows, ({ peakRssBytes }) => peakRssBytes / 1_000_000),
      middle(windows, ({ lagMaxMs }) => lagMaxMs),
    ]),
  ]);
}

function workspaceTable({ workspaces = [] }: BenchResult): string {
  const lag = (windows: readonly Window[]) => figure(Math.max(...windows.map(({ lagMaxMs = 0 }) => lagMaxMs)));
  return table([
    ['connections, contestant', 'one: calls/s', 'many: calls/s', 'ratio', 'one: lag ms', 'many: lag ms'],
    ...workspaces.map(({ name, connections, workspaces: count, one, many }) => [
      `${String(connections).padStart(3)}  ${name}, ${count}`,
      withSpread(spread(column(one, 'perSecond'))),
      withSpread(spread(column(many, 'perSecond'))),
      withSpread(ratio(column(many, 'perSecond'), column(one, 'perSecond'))),
      lag(one),
      lag(many),
    ]),
  ]);
}

function approvalTable({ approvals = [] }: BenchResult): string {
  return table([
    ['contestant', 'requested', 'decided', 'consumed and executed'],
    ...approvals.map(({ name, requested, decided, consumed }) => [
      name,
      ...[requested, decided, consumed].map((rates) => withSpread(spread(rates.map(({ perSecond }) => perSecond)))),
    ]),
  ]);
}

function partTable({ parts = [] }: BenchResult): string {
  return table([
    ['part', 'median', 'spread', ''],
    ...parts.map(({ name, unit, values }) => {
      const { median: middle, min, max } = spread(values);
      return [name, figure(middle), `${figure(min)}–${figure(max)}`, unit];
    }),
  ]);
}

function longTable({ long = [] }: BenchResult): string {
  return long
    .map(({ name, slices }) => {
      let calls = 0;
      const rows = slices.map((slice) => {
        calls += slice.calls;
        const { perSecond, p50Us, p99Us, peakRssBytes, heapUsedBytes, lagMaxMs = 0 } = slice;
        return [
          calls.toLocaleString('en-US'),
          ...[perSecond, p50Us / 1000, p99Us / 1000, peakRssBytes / 1e6, heapUsedBytes / 1e6, lagMaxMs].map(figure),
        ];
      });
      return table([[name, 'calls/s', 'p50 ms', 'p99 ms', 'peak MB', 'heap MB', 'lag ms'], ...rows]);
    })
    .join('\n\n');
}

function profileTables({ window, summary, file }: ProfileResult): string {
  const each = (share: number): string => (share * window.mainThreadCpuUs).toFixed(1);
  const rooms = summary.rooms.filter(({ own, withNode }) => own + withNode > 0.001);
  const { mainThreadCpuUs, cpuUs, databaseCpuUs } = window;
  return [
    [
      `CPU a call: main thread ${figure(mainThreadCpuUs)} µs, whole process ${figure(cpuUs)} µs`,
      ...(databaseCpuUs === undefined ? [] : [`PostgreSQL ${figure(databaseCpuUs)} µs`]),
    ].join(', '),
    `In µs of the main thread a call. ${file} opens in developer tools.`,
    table([
      ['room', 'own', 'with what Node did for it'],
      ...rooms.map(({ room, own, withNode }) => [room, each(own), each(withNode)]),
    ]),
    table([
      ['function', 'µs a call', 'where'],
      ...summary.functions.map(({ name, place, own }) => [name, each(own), place]),
    ]),
  ].join('\n\n');
}

function machineLines({ command, machine, postgres, syncUs, seconds }: BenchResult): string {
  const { at, node, system, cpu, cores, loadBefore, yardstickUs } = machine;
  return [
    `${command}, ${at}, ${Math.round(seconds)} s`,
    `Node ${node}, ${system}, ${cores} × ${cpu}; load before ${loadBefore.toFixed(2)}; yardstick ${figure(yardstickUs / 1000)} ms`,
    postgres
      ? `PostgreSQL ${postgres.server_version}, fsync ${postgres.fsync}, synchronous_commit ${postgres.synchronous_commit}`
      : 'No PostgreSQL: TEST_DATABASE_URL is not set',
    `8 kB made durable in ${figure(syncUs)} µs; numbers are medians, with the range of the repeats in parentheses`,
  ].join('\n');
}
