import { expect } from 'vitest';
import type { Journal } from './load.ts';
import type { Node } from './node.ts';
import { expectPromisesKept } from './promises.ts';
import type { Site } from './site.ts';
import { sql } from './sql.ts';
import type { Truth } from './truth.ts';
import { until } from './waiting.ts';
import type { World } from './world.ts';

/**
 * Waits until no call of a site is open any more, stops its nodes, and holds the record against the promises. The
 * embedded engine's next start settles what its last one left open; with PostgreSQL the nodes do, in time.
 */
export async function expectSettled(
  site: Site,
  world: World,
  journal: Journal,
  nodes: readonly Node[],
): Promise<Truth> {
  const { databaseUrl } = site;
  if (databaseUrl !== undefined) await until('no call is running', () => isNothingRunning(databaseUrl));
  for (const node of nodes) await stop(node);
  if (databaseUrl === undefined) await stop(await site.start());
  const truth = await site.truth(world);
  expectPromisesKept(truth, journal, site.upstream);
  return truth;
}

async function isNothingRunning(databaseUrl: string): Promise<boolean> {
  const rows = await sql(databaseUrl, `select from agent_execution_logs where status = 'running' limit 1`);
  return rows.length === 0;
}

async function stop(node: Node): Promise<void> {
  node.kill('SIGTERM');
  expect(await node.exited, node.log()).toEqual({ code: 0, signal: null });
}
