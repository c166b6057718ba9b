/**
 * How long the pages' reads take in a workspace in use: `npm run bench:lists [-- calls]`. 500 clients, 200 tools, 100,000
 * calls of 2 kB and 1,000 approvals that wait, on the embedded engine and on PostgreSQL; over HTTP, each route by itself.
 */

import { engines } from '../test/support/engines.ts';
import { fillWorkspace } from '../test/support/in-use.ts';
import { openWorkbench } from '../test/support/workbench.ts';

const CALLS = Number(process.argv[2] ?? 100_000);
const COUNTS = { clients: 500, tools: 200, calls: CALLS, approvals: 1_000 };
const REPEATS = 10;
const AIM_MS = 200;

const ROUTES = [
  '/v1/approvals?status=pending',
  '/v1/approvals?status=pending&sort=soonest&limit=100',
  '/v1/approvals?decidable=true&sort=soonest',
  '/v1/approvals?mine=true',
  '/v1/approvals?q=customer-77',
  '/v1/approvals/count',
  '/v1/executions',
  '/v1/executions?limit=100',
  '/v1/executions?tool=area_2.tool_1',
  '/v1/executions?tool=area_0.rare',
  '/v1/executions?tool=area_0.nowhere',
  '/v1/executions?status=failed',
  '/v1/executions?status=unknown',
  '/v1/executions?code=not_granted',
  '/v1/executions?principal=icl_01k00000000000000000000007',
  '/v1/executions?q=rare',
  '/v1/executions?q=client%20number%2077',
  '/v1/clients',
  '/v1/clients?q=77',
  '/v1/clients/icl_01k00000000000000000000007/grants',
  '/v1/tools?limit=100',
  '/v1/tools?q=tool_17',
  '/v1/connectors',
  '/v1/kill-switches',
  '/v1/members',
  '/v1/audit',
  '/v1/search?q=77',
  '/v1/search?q=rare',
  '/v1/overview',
  '/v1/overview?hours=168',
];

const at = (sorted: readonly number[], share: number): string =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(0).padStart(6);

for (const engine of engines.toReversed()) {
  const bench = await openWorkbench(engine);
  try {
    await fillWorkspace({ ...bench, tenantId: bench.gate.tenantId, ownerId: bench.userIds.owner }, COUNTS);
    process.stdout.write(`\n${engine}: ${JSON.stringify(COUNTS)}\n`);
    process.stdout.write(' least    half   worst  ms (first)\n');
    for (const route of ROUTES) {
      const times: number[] = [];
      for (let nth = 0; nth <= REPEATS; nth += 1) {
        const begun = performance.now();
        const { status, text } = await bench.people.owner('GET', route);
        times.push(performance.now() - begun);
        if (status !== 200) throw new Error(`${route}: ${status} ${text}`);
      }
      const [first, ...rest] = times;
      const sorted = rest.sort((a, b) => a - b);
      const mark = Number(at(sorted, 1)) > AIM_MS ? `  over ${AIM_MS}` : '';
      const [least, half, worst] = [0, 0.5, 1].map((share) => at(sorted, share));
      process.stdout.write(`${least} ${half} ${worst}     (${first!.toFixed(0)})  ${route}${mark}\n`);
    }
  } finally {
    await bench.close();
  }
}
