import { expect } from 'vitest';
import type { Journal } from './load.ts';
import type { Node } from './node.ts';
import { expectPromisesKept } from './promises.ts';
import type { Site } from './site.ts';
import { sql } from './sql.ts';
import type { Truth } from './truth.ts';
import { until } from './waiting.ts';
import type { World } from './world.ts';

/** Waits until no call of a site on PostgreSQL is open any more, stops its nodes, and holds the record against the promises. */
export async function expectSettled(
  site: Site,
  world: World,
  journal: Journal,
  nodes: readonly Node[],
): Promise<Truth> {
  await until('no call is running', async () => {
    const [{ running }] = await sql(
      site.databaseUrl!,
      `select count(*)::int as running from agent_execution_logs where status = 'running'`,
    );
    return running === 0;
  });
  for (const node of nodes) {
    node.kill('SIGTERM');
    expect(await node.exited, node.log()).toEqual({ code: 0, signal: null });
  }
  const truth = await site.truth(world);
  expectPromisesKept(truth, journal, site.upstream);
  return truth;
}
