/**
 * How long the pages' reads take in a workspace in use: `npm run bench:lists [-- calls]`. 500 clients, 200 tools, 100,000
 * calls of 2 kB and 1,000 approvals that wait, on the embedded engine and on PostgreSQL; over HTTP, each route by itself.
 */

import { engines } from '../test/support/engines.ts';
import { openWorkbench, type Workbench } from '../test/support/workbench.ts';

const CALLS = Number(process.argv[2] ?? 100_000);
const CLIENTS = 500;
const TOOLS = 200;
const APPROVALS = 1_000;
const REPEATS = 15;
const AIM_MS = 200;

/** Rows are made in the database: by calls it would take an hour. The newest tool has been called once, long ago. */
async function fill({ sql, gate, userIds, connectorId }: Workbench): Promise<void> {
  const { tenantId } = gate;
  const own = [tenantId, userIds.owner];
  const id = (prefix: string, nth: string, ms = '1') => `'${prefix}_01k' || lpad((${nth} / ${ms})::text, 23, '0')`;
  await sql(
    `insert into integration_clients (tenant_id, id, name, owner_user_id)
     select $1::uuid, ${id('icl', 'n')}, 'Client number ' || n, $2 from generate_series(1, ${CLIENTS}) n`,
    own,
  );
  await sql(
    `insert into tools (tenant_id, id, name, effect, input_schema, connector_id, handler_kind, handler_config, definition_sha256)
     select $1::uuid, ${id('tool', 'n')}, 'area_' || n % 10 || '.tool_' || n, 'send', '{"type": "object"}', $2, 'http',
       '{"method": "POST", "path": "/ok"}', 'hash ' || n from generate_series(1, ${TOOLS}) n`,
    [tenantId, connectorId],
  );
  await sql(
    `insert into grants (tenant_id, id, client_id, tool_id, policy, updated_by, created_at)
     select $1::uuid, ${id('grt', 'c * 1000 + t')}, ${id('icl', 'c')}, ${id('tool', 't')}, 'approve', $2,
       now() - interval '90 days'
     from generate_series(1, ${CLIENTS}) c, generate_series(1, 10) t`,
    own,
  );
  await sql(
    `insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_id, tool_name, effect,
       policy, arguments, payload_sha256, step, code, via, created_at, started_at, finished_at)
     select $1::uuid, 'exe_01k' || lpad(n::text, 23, '0'),
       case when n % 20 = 0 then 'denied' when n % 50 = 0 then 'failed' else 'executed' end, 'client',
       ${id('icl', `(1 + n % ${CLIENTS})`)}, ${id('tool', `(1 + n % ${TOOLS})`)},
       case when n = 10 then 'area_0.rare' else 'area_' || (1 + n % ${TOOLS}) % 10 || '.tool_' || 1 + n % ${TOOLS} end,
       'send', 'auto', '{"text":"' || repeat('0123456789abcdef', 125) || '"}', 'hash',
       case when n % 20 = 0 then 'grant' end, case when n % 20 = 0 then 'not_granted' end, 'rest',
       now() - (${CALLS} - n) * interval '2 seconds', now(), now()
     from generate_series(1, ${CALLS}) n`,
    [tenantId],
  );
  await sql(
    `insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_id, tool_name, effect,
       policy, arguments, via, created_at)
     select $1::uuid, 'exe_01m' || lpad(n::text, 23, '0'), 'pending_approval', 'client', ${id('icl', `(1 + n % ${CLIENTS})`)},
       ${id('tool', '(1 + n % 10)')}, 'area_1.held', 'send', 'approve', '{}', 'rest', now()
     from generate_series(1, ${APPROVALS}) n`,
    [tenantId],
  );
  await sql(
    `insert into approvals (tenant_id, id, execution_id, policy, envelope, payload_sha256, definition_sha256, tool_id,
       tool_name, effect, principal_kind, principal_id, requester_user_ids, summary, expires_at)
     select $1::uuid, 'apv_01m' || lpad(n::text, 23, '0'), 'exe_01m' || lpad(n::text, 23, '0'), 'approve',
       '{"arguments":{}}', 'hash', 'hash ' || 1 + n % 10, ${id('tool', '(1 + n % 10)')}, 'area_1.held', 'send', 'client',
       ${id('icl', `(1 + n % ${CLIENTS})`)}, '{}', 'Send 1 e-mail to customer-' || n || '@example.com',
       now() + n * interval '1 minute'
     from generate_series(1, ${APPROVALS}) n`,
    [tenantId],
  );
  await sql('analyze');
}

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

for (const engine of engines) {
  const bench = await openWorkbench(engine);
  try {
    await fill(bench);
    process.stdout.write(`\n${engine}: ${CALLS} calls, ${APPROVALS} approvals, ${CLIENTS} clients, ${TOOLS} tools\n`);
    process.stdout.write('  half   worst  ms (first)\n');
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
      process.stdout.write(`${at(sorted, 0.5)} ${at(sorted, 1)}     (${first!.toFixed(0)})  ${route}${mark}\n`);
    }
  } finally {
    await bench.close();
  }
}
